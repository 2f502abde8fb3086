using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Media;
using Tests.Fixtures;
using Tests.Integration.Worker;

namespace Tests.Integration.Live;

/// <summary>Speech that is sent while it is spoken, through two replicas of the Api, to workers that are processes.</summary>
public sealed class LiveJobTests(RedisServers servers, ITestOutputHelper output) : IAsyncLifetime
{
    private const string TokenHeader = "X-Ingest-Token";
    private static readonly string Samples = Path.Combine(RepositoryFolder.Path, "Subtitles", "Samples");

    private WorkerBench _bench = null!;
    private ApiProcess _api = null!;
    private ApiProcess _other = null!;
    private Dictionary<string, string> _settings = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await WorkerBench.CreateAsync(servers, lease: TimeSpan.FromSeconds(2));
        _settings = new Dictionary<string, string>
        {
            ["EventStreams__KeyPrefix"] = _bench.Options.KeyPrefix,
            ["Jobs__KeyPrefix"] = _bench.Options.KeyPrefix,
            ["Jobs__LeaseDuration"] = "00:00:02",
            ["Worker__Concurrency"] = "1",
        };
        var server = await servers.GetAsync(RedisServerKind.Redis);
        _api = await ApiProcess.StartAsync(server.ConnectionString, _settings);
        _settings["Media__Path"] = _api.MediaFolder;
        _other = await ApiProcess.StartAsync(server.ConnectionString, _settings);
    }

    public async ValueTask DisposeAsync()
    {
        await _other.DisposeAsync();
        await _api.DisposeAsync();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task Cues_come_while_it_is_sent_and_none_is_lost_or_duplicated_when_the_worker_is_killed()
    {
        SpeechTools.Require("ffmpeg", "pocketsphinx_batch");
        using var folder = new TemporaryFolder();
        await SpeechTools.MakeAsync(
            "-i",
            Path.Combine(Samples, "tour.webm"),
            "-map",
            "0:a:0",
            "-c:a",
            "copy",
            "-f",
            "webm",
            "-live",
            "1",
            "-cluster_time_limit",
            "100",
            folder["speech.webm"]
        );
        var chunks = (await File.ReadAllBytesAsync(folder["speech.webm"], TestContext.Current.CancellationToken)).Chunk(4096).ToArray();
        var job = await SubmitAsync();
        var server = await servers.GetAsync(RedisServerKind.Redis);

        await using (var first = await WorkerProcess.StartAsync(server, _settings))
        {
            for (var i = 0; i < chunks.Length / 3; i++)
                await TakenAsync(_api, job, i, chunks[i]);
            await Eventually.HoldsAsync(async () => (await FinalsAsync(job.Id)).Count >= 2, "two cues are final", TimeSpan.FromMinutes(1));
            // Two thirds are still to come: it is heard while it is sent.
            await first.KillAsync();
        }
        await using (var second = await WorkerProcess.StartAsync(server, _settings))
        {
            for (var i = chunks.Length / 3; i < chunks.Length; i++)
                await TakenAsync(i % 2 == 0 ? _other : _api, job, i, chunks[i], isLast: i == chunks.Length - 1);
            await Eventually.HoldsAsync(
                async () => await _bench.StatusAsync(job.Id) == JobStatus.Completed,
                "the job is completed",
                TimeSpan.FromMinutes(2)
            );
            output.WriteLine(second.Output);
        }

        var all = await _bench.CuesAsync(job.Id);
        foreach (var cue in all)
            output.WriteLine(
                $"{cue.CueId} {cue.Rev, 3} {cue.State, -7} {cue.StartMs, 6} {cue.EndMs, 6}  {cue.Text.ReplaceLineEndings(" / ")}"
            );
        var finals = all.Where(c => c.State == CueState.Final).ToList();
        Assert.Equal(Enumerable.Range(0, finals.Count).Select(CueIds.At), finals.Select(c => c.CueId));
        Assert.All(finals.Zip(finals.Skip(1)), pair => Assert.True(pair.First.EndMs <= pair.Second.StartMs));
        // Each begins as a partial one, and the final one is its last.
        Assert.All(
            all.GroupBy(c => c.CueId),
            revisions =>
            {
                Assert.Equal(revisions.Select(c => c.Rev).Order().Distinct(), revisions.Select(c => c.Rev));
                Assert.Equal(CueState.Final, revisions.Last().State);
            }
        );
        Assert.True(all.Count(c => c.State == CueState.Partial) > finals.Count);
        var share = WordErrors.ShareOfWordsRight(
            await File.ReadAllTextAsync(Path.Combine(Samples, "tour.txt"), TestContext.Current.CancellationToken),
            string.Join(' ', finals.Select(c => c.Text))
        );
        Assert.True(share >= 0.8, $"Only {share:P1} of the words are right.");
        Assert.Equal(2, (await _bench.CourseAsync(job.Id)).Split(' ').Count(t => t == JobEvents.Started));
    }

    [Fact]
    public async Task Replicas_that_are_killed_while_media_comes_lose_no_byte_and_double_none()
    {
        var media = Enumerable.Range(0, 120).Select(i => new byte[20_000 + (i * 37)]).ToArray();
        for (var i = 0; i < media.Length; i++)
            new Random(i).NextBytes(media[i]);
        "RIFF\0\0\0\0WAVEfmt "u8.CopyTo(media[0]);
        var job = await SubmitAsync();
        var server = await servers.GetAsync(RedisServerKind.Redis);
        var store = new LiveMediaStore(
            Microsoft.Extensions.Options.Options.Create(new MediaOptions { Path = _api.MediaFolder }),
            TimeProvider.System
        );
        using var heard = new MemoryStream();
        var hearing = store.Open(job.Id).CopyToAsync(heard, TestContext.Current.CancellationToken);

        var (kills, repeats) = (0, 0);
        var victim = await ApiProcess.StartAsync(server.ConnectionString, _settings);
        var random = new Random(5);
        for (var i = 0; i < media.Length; i++)
        {
            var sending = PutAsync(victim, job, i, media[i], isLast: i == media.Length - 1);
            if (i % 20 == 10)
            {
                // Before, within and behind the write, as it falls.
                await Task.Delay(random.Next(0, 6), TestContext.Current.CancellationToken);
                await victim.KillAsync();
                kills++;
            }
            try
            {
                Assert.True((await sending).IsSuccessStatusCode);
            }
            catch (HttpRequestException)
            {
                // Whoever sends repeats what had no answer, at another replica.
                using var again = await PutAsync(_other, job, i, media[i], isLast: i == media.Length - 1);
                Assert.True(again.IsSuccessStatusCode, await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
                output.WriteLine($"chunk {i}: {again.StatusCode}");
                repeats++;
                await victim.DisposeAsync();
                victim = await ApiProcess.StartAsync(server.ConnectionString, _settings);
            }
        }
        await victim.DisposeAsync();
        await hearing.WaitAsync(Eventually.DefaultLimit, TestContext.Current.CancellationToken);
        Assert.Equal(media.SelectMany(c => c), heard.ToArray());
        Assert.Equal((media.Length, true), await StateAsync(_other, job));
        Assert.True(kills == 6 && repeats > 0, $"{kills} {repeats}");

        // Each chunk counts once for the owner.
        var left = _bench.Options.MaxStoredBytesPerOwner - media.Sum(c => (long)c.Length);
        var owner = (await _bench.Queue.GetAsync(job.Id, default))!.Request.Owner;
        await _bench.Queue.CheckQuotaAsync(owner, left, default);
        await Assert.ThrowsAsync<JobQuotaException>(() => _bench.Queue.CheckQuotaAsync(owner, left + 1, default));
    }

    [Fact]
    public async Task Live_media_beyond_what_its_owner_may_have_is_refused_until_something_is_deleted()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var api = await ApiProcess.StartAsync(
            server.ConnectionString,
            new Dictionary<string, string>(_settings) { ["Jobs__MaxStoredBytesPerOwner"] = "3000", ["Media__Path"] = _api.MediaFolder }
        );
        var webm = await File.ReadAllBytesAsync(Path.Combine(Samples, "tour.webm"), TestContext.Current.CancellationToken);
        var (first, second) = (await SubmitAsync(api), await SubmitAsync(api));
        await TakenAsync(api, first, 0, webm[..2000]);
        await TakenAsync(api, second, 0, webm[..1000]);
        using var refused = await PutAsync(api, second, 1, webm[1000..1600]);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains(
            "Delete jobs",
            await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Equal((1, false), await StateAsync(api, second));
        using var delete = await api.Client.DeleteAsync($"/jobs/{first.Id.Value}", TestContext.Current.CancellationToken);
        Assert.True(delete.IsSuccessStatusCode);
        await TakenAsync(api, second, 1, webm[1000..1600]);
    }

    [Fact]
    public async Task A_sender_goes_on_after_a_lost_connection_and_everybody_else_is_refused()
    {
        var webm = await File.ReadAllBytesAsync(Path.Combine(Samples, "tour.webm"), TestContext.Current.CancellationToken);
        var job = await SubmitAsync();
        var other = await SubmitAsync();

        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(_api, job with { Token = other.Token }, 0, webm[..1000])).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (
                await _api.Client.PutAsync($"{job.Media}/0", new ByteArrayContent(webm[..1000]), TestContext.Current.CancellationToken)
            ).StatusCode
        );
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PutAsync(_api, job, 0, new byte[1000])).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync(_api, job, 0, [])).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PutAsync(_api, job, 0, new byte[1024 * 1024 + 1])).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(_api, job, 1, webm[1000..2000])).StatusCode);

        Assert.Equal(HttpStatusCode.Created, (await PutAsync(_api, job, 0, webm[..1000])).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(_other, job, 0, webm[..1000])).StatusCode);
        using var conflict = await PutAsync(_other, job, 5, webm[..1000]);
        Assert.Contains(
            "Chunk 1 comes next.",
            await conflict.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Equal((1, false), await StateAsync(_other, job));
        await TakenAsync(_other, job, 1, webm[1000..2000], isLast: true);
        Assert.Equal((2, true), await StateAsync(_api, job));
        Assert.Equal(HttpStatusCode.Conflict, (await PutAsync(_api, job, 2, webm[2000..])).StatusCode);

        using var delete = await _api.Client.DeleteAsync($"/jobs/{job.Id.Value}", TestContext.Current.CancellationToken);
        Assert.True(delete.IsSuccessStatusCode);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_api.MediaFolder, "live")));

        using var cancel = await _api.Client.PostAsync($"/jobs/{other.Id.Value}/cancel", null, TestContext.Current.CancellationToken);
        using var late = await PutAsync(_api, other, 0, webm[..1000]);
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Contains(
            "The job is canceled",
            await late.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await PutAsync(_api, job with { Media = $"/jobs/{JobId.Create().Value}/media" }, 0, webm[..1000])).StatusCode
        );
    }

    private Task<LiveJob> SubmitAsync() => SubmitAsync(_api);

    private static async Task<LiveJob> SubmitAsync(ApiProcess api)
    {
        using var response = await api.Client.PostAsJsonAsync(
            "/jobs",
            new { source = "live", title = "A talk" },
            TestContext.Current.CancellationToken
        );
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.True(JobId.TryParse(answer.GetProperty("id").GetString(), out var id));
        var ingest = answer.GetProperty("ingest");
        return new LiveJob(id, ingest.GetProperty("media").GetString()!, ingest.GetProperty("token").GetString()!);
    }

    private async Task<List<Cue>> FinalsAsync(JobId id) => [.. (await _bench.CuesAsync(id)).Where(c => c.State == CueState.Final)];

    private static async Task TakenAsync(ApiProcess api, LiveJob job, int number, byte[] chunk, bool isLast = false)
    {
        using var response = await PutAsync(api, job, number, chunk, isLast);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> PutAsync(ApiProcess api, LiveJob job, int number, byte[] chunk, bool isLast = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{job.Media}/{number}{(isLast ? "?last=true" : "")}")
        {
            Content = new ByteArrayContent(chunk),
            Headers = { { TokenHeader, job.Token } },
        };
        return await api.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<(int Next, bool Ended)> StateAsync(ApiProcess api, LiveJob job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, job.Media) { Headers = { { TokenHeader, job.Token } } };
        using var response = await api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var state = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return (state.GetProperty("next").GetInt32(), state.GetProperty("ended").GetBoolean());
    }

    private sealed record LiveJob(JobId Id, string Media, string Token);
}
