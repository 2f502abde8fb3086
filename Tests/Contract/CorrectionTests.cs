using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EventStreams;
using Subtitles.Cues;
using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Corrected lines: once each, in the exports, and with every viewer.</summary>
public sealed class CorrectionTests(RedisServers servers)
{
    private readonly string _prefix = RedisServers.CreateKeyPrefix();

    [Theory]
    [InlineData(RedisServerKind.Redis)]
    [InlineData(RedisServerKind.Garnet)]
    public async Task A_line_of_an_ended_job_is_corrected_behind_its_end(RedisServerKind kind)
    {
        await using var replica = await Replica.StartAsync((await servers.GetAsync(kind)).ConnectionString, _prefix, "a", isDirect: true);
        var (id, corrections) = (JobId.Create(), new CueCorrections(replica.Publisher, replica.Log));
        await replica.Publisher.PublishAsync(id.Topic, Cue("c0001", "Evry viewer."));
        await replica.Publisher.PublishAsync(id.Topic, Cue("c0002", "Sees the same."), new PublishOptions { End = true });
        string end;
        await using (var before = await replica.OpenAsync(id.Topic))
        {
            Assert.Equal(["stream.open", "cue", "cue", "stream.end"], await TypesAsync(before));
            end = before.LastEventId;
        }

        await using var late = await replica.OpenAsync(id.CorrectionsTopic);
        Assert.Equal("stream.open", (await late.NextEventAsync())?.Type);
        var (outcome, cue) = await corrections.CorrectAsync(id, "c0001", 1, "Every viewer.", default);
        Assert.Equal((CorrectionOutcome.Corrected, 2, "Every viewer."), (outcome, cue!.Rev, cue.Text));
        Assert.Equal(cue, Read((await late.NextEventAsync())!.Data!));

        // Whoever comes back gets the correction, and the end again.
        await using (var again = await replica.OpenAsync(id.Topic, end))
            Assert.Equal(["stream.open", "cue", "stream.end"], await TypesAsync(again));
        Assert.Equal(
            ["Sees the same.", "Every viewer."],
            (await replica.Log.ReadStateAsync(id.Topic)).Events.Where(e => e.Type == "cue").Select(e => Read(e.Payload.Span).Text)
        );

        // A repeated call makes no third revision, and an older view no second one.
        Assert.Equal(
            (CorrectionOutcome.Corrected, 2),
            await ResultAsync(corrections.CorrectAsync(id, "c0001", 1, "Every viewer.", default))
        );
        Assert.Equal((CorrectionOutcome.Conflict, 2), await ResultAsync(corrections.CorrectAsync(id, "c0001", 1, "All viewers.", default)));
        Assert.Equal(
            (CorrectionOutcome.Corrected, 3),
            await ResultAsync(corrections.CorrectAsync(id, "c0001", 2, "All viewers.", default))
        );
        Assert.Equal((CorrectionOutcome.NotFound, 0), await ResultAsync(corrections.CorrectAsync(id, "c0009", 1, "x", default)));
        Assert.Equal(3, Read((await late.NextEventAsync())!.Data!).Rev);
    }

    [Fact]
    public async Task Of_many_who_correct_the_same_revision_one_succeeds_and_an_open_topic_stays_open()
    {
        await using var replica = await Replica.StartAsync(
            (await servers.GetAsync(RedisServerKind.Redis)).ConnectionString,
            _prefix,
            "a",
            isDirect: true
        );
        var (id, corrections) = (JobId.Create(), new CueCorrections(replica.Publisher, replica.Log));
        await replica.Publisher.PublishAsync(id.Topic, Cue("c0001", "0"));
        await replica.Publisher.PublishAsync(
            id.Topic,
            EventMessage.Json("cue", new Cue("c0002", 1, CueState.Partial, 0, 1, "still"), "c0002")
        );
        for (var rev = 1; rev <= 5; rev++)
        {
            var results = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(i => corrections.CorrectAsync(id, "c0001", rev, $"{rev}-{i}", default))
            );
            var winner = Assert.Single(results, result => result.Outcome == CorrectionOutcome.Corrected);
            Assert.All(
                results.Where(result => result.Outcome != CorrectionOutcome.Corrected),
                result => Assert.Equal((CorrectionOutcome.Conflict, winner.Cue), (result.Outcome, result.Cue))
            );
        }
        Assert.Equal((CorrectionOutcome.Partial, 1), await ResultAsync(corrections.CorrectAsync(id, "c0002", 1, "x", default)));
        Assert.Null((await replica.Log.GetPositionAsync(id.Topic)).End);
    }

    [Fact]
    public async Task A_correction_is_in_the_exports_and_one_from_an_older_view_is_refused_with_the_newest()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var api = await ApiProcess.StartAsync(
            server.ConnectionString,
            new Dictionary<string, string> { ["Jobs__KeyPrefix"] = _prefix, ["EventStreams__KeyPrefix"] = _prefix }
        );
        await using var replica = await Replica.StartAsync(server.ConnectionString, _prefix, "a", isDirect: true);
        using var submit = await api.Client.PostAsJsonAsync("/jobs", new { source = "sample:tour" });
        var job = (await submit.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        Assert.True(JobId.TryParse(job, out var id));
        await replica.Publisher.PublishAsync(id.Topic, Cue("c0001", "Evry viewer."));

        async Task<(HttpStatusCode, JsonElement)> PutAsync(string cue, object body)
        {
            using var answer = await api.Client.PutAsJsonAsync($"/jobs/{job}/cues/{cue}", body);
            return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
        }
        var (status, corrected) = await PutAsync("c0001", new { rev = 1, text = " Every\tviewer.\r\n\r\nOne\u0000 more. " });
        Assert.Equal(
            (HttpStatusCode.OK, 2, "Every viewer.\nOne more."),
            (status, corrected.GetProperty("rev").GetInt32(), corrected.GetProperty("text").GetString())
        );
        Assert.Contains("Every viewer.", await api.Client.GetStringAsync($"/jobs/{job}/subtitles.vtt"), StringComparison.Ordinal);
        Assert.DoesNotContain("Evry", await api.Client.GetStringAsync($"/jobs/{job}/subtitles.srt"), StringComparison.Ordinal);

        var (conflict, problem) = await PutAsync("c0001", new { rev = 1, text = "Else." });
        Assert.Equal((HttpStatusCode.Conflict, 2), (conflict, problem.GetProperty("current").GetProperty("rev").GetInt32()));
        foreach (
            var (cue, body, expected) in new (string, object, int)[]
            {
                ("c0002", new { rev = 1, text = "x" }, 404),
                ("c0001", new { text = "x" }, 400),
                ("c0001", new { rev = 2, text = " \n " }, 400),
                ("c0001", new { rev = 2, text = new string('x', 1001) }, 400),
                ("c0001", new { rev = "two", text = "x" }, 400),
                ("c0001", new { rev = 2, text = new string('x', 20_000) }, 413),
            }
        )
            Assert.Equal(expected, (int)(await PutAsync(cue, body)).Item1);
    }

    private static EventMessage Cue(string id, string text) =>
        EventMessage.Json(JobEvents.Cue, new Cue(id, 1, CueState.Final, 0, 1000, text), id);

    private static Cue Read(string json) => JsonSerializer.Deserialize<Cue>(json, JsonSerializerOptions.Web)!;

    private static Cue Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<Cue>(json, JsonSerializerOptions.Web)!;

    private static async Task<(CorrectionOutcome, int)> ResultAsync(Task<CorrectionResult> correction)
    {
        var (outcome, cue) = await correction;
        return (outcome, cue?.Rev ?? 0);
    }

    private static async Task<List<string?>> TypesAsync(SseStream stream)
    {
        var types = new List<string?>();
        while (await stream.NextEventAsync() is { } block)
            types.Add(block.Type);
        return types;
    }
}
