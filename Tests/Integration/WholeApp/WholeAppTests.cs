using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using EventStreams;
using Tests.Fixtures;

namespace Tests.Integration.WholeApp;

/// <summary>The promise of the whole: events made anywhere reach every viewer through any replica, and killing things does not
/// hurt.</summary>
[Collection(SharedAppCollection.Name)]
public sealed class WholeAppTests(SharedApp app) : IDisposable
{
    private readonly AppClient _client = new(app.Running.CreateSpreadingClient("api"));

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task The_events_of_one_job_are_the_same_on_every_replica_complete_and_in_order()
    {
        var job = await _client.SubmitAsync("sample:tour");
        var streams = await _client.OpenOnReplicasAsync($"/jobs/{job}/events", replicas: 3);
        var seen = await Task.WhenAll(streams.Select(AppClient.ReadToEndAsync));
        Assert.All(seen, events => Assert.Equal(seen[0], events));
        var offsets = seen[0].Select(e => EventId.TryParse(e.Id, out var id) ? id.Offset : -1);
        Assert.Equal(Enumerable.Range(1, seen[0].Count).Select(n => (long)n), offsets);
        Assert.Equal(["job.queued", "job.started"], seen[0].Take(2).Select(e => e.Type));
        Assert.Equal(["job.completed", "stream.end"], seen[0].TakeLast(2).Select(e => e.Type));

        var expected = Subtitles.Formats.WebVtt.Parse(
            await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Samples", "tour.vtt"))
        );
        var cues = seen[0].Where(e => e.Type == "cue").Select(e => JsonSerializer.Deserialize<JsonElement>(e.Data!)).ToList();
        Assert.Equal(expected.Select(c => c.Text), cues.Select(c => c.GetProperty("text").GetString()));
        Assert.Equal(expected.Select(c => c.StartMs), cues.Select(c => c.GetProperty("startMs").GetInt64()));

        var vtt = await _client.Http.GetStringAsync($"/jobs/{job}/subtitles.vtt");
        Assert.Equal(expected.Select(c => c.Text), Subtitles.Formats.WebVtt.Parse(vtt).Select(c => c.Text));
        foreach (var stream in streams)
        {
            await using var again = await _client.OpenAsync($"/jobs/{job}/events", stream.LastEventId);
            Assert.Equal(System.Net.HttpStatusCode.NoContent, again.Response.StatusCode);
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stream_resumes_after_its_replica_is_killed_with_nothing_lost_or_duplicated()
    {
        var topic = "drill:" + Guid.NewGuid().ToString("N")[..8];
        var streams = await _client.OpenOnReplicasAsync($"/streams/{topic}", replicas: 3);
        const int Events = 200;
        var halfway = new TaskCompletionSource();
        var publishing = Task.Run(async () =>
        {
            for (var i = 1; i <= Events; i++)
            {
                await PublishAsync(topic, i);
                if (i == Events / 2)
                    halfway.SetResult();
            }
        });
        var victim = streams[0];
        var seen = await victim.TakeAsync(10);
        await halfway.Task;
        var killed = await KillAsync("api", AppClient.ReplicaOf(victim));

        while (await victim.NextEventAsync() is { } e)
            seen.Add(e.Data!);
        Assert.True(seen.Count < Events, "The replica was killed only after all had been delivered.");
        await using var resumed = await _client.OpenAsync($"/streams/{topic}", victim.LastEventId);
        Assert.NotEqual(AppClient.ReplicaOf(victim), AppClient.ReplicaOf(resumed));
        seen.AddRange(await resumed.TakeAsync(Events - seen.Count));
        Assert.Equal(Enumerable.Range(1, Events).Select(n => n.ToString(CultureInfo.InvariantCulture)), seen);
        foreach (var survivor in streams.Skip(1))
            Assert.Equal(seen, await survivor.TakeAsync(Events));
        await publishing;
        foreach (var stream in streams)
            await stream.DisposeAsync();
        await StartAgainAsync("api", killed, replicas: 3);
    }

    [Fact]
    public async Task A_second_worker_finishes_a_job_whose_worker_was_killed()
    {
        const int Cues = 30;
        var job = await _client.SubmitRealtimeAsync(Cues);
        await using var stream = await _client.OpenAsync($"/jobs/{job}/events");
        var events = new List<SseBlock>();
        string? killed = null;
        RunningReplica? victim = null;
        while (await stream.NextAfterOpenAsync() is { } e)
        {
            events.Add(e);
            if (killed is not null || events.Count(seen => seen.Type == "cue") < 3)
                continue;
            killed = JsonSerializer
                .Deserialize<JsonElement>(events.First(seen => seen.Type == "job.started").Data!)
                .GetProperty("worker")
                .GetString()!;
            victim = await KillAsync("worker", killed);
        }
        var workers = events
            .Where(e => e.Type == "job.started")
            .Select(e => JsonSerializer.Deserialize<JsonElement>(e.Data!).GetProperty("worker").GetString())
            .ToList();
        Assert.Equal(2, workers.Count);
        Assert.Equal(killed, workers[0]);
        Assert.NotEqual(killed, workers[1]);
        Assert.Equal("job.completed", events[^2].Type);
        var cues = events
            .Where(e => e.Type == "cue")
            .Select(e => JsonSerializer.Deserialize<JsonElement>(e.Data!).GetProperty("text").GetString());
        Assert.Equal(Enumerable.Range(1, Cues).Select(n => $"Cue number {n}"), cues);
        await StartAgainAsync("worker", victim!, replicas: 2);
    }

    private async Task<RunningReplica> KillAsync(string resource, string name)
    {
        var replicas = await app.Running.WaitForReplicasAsync(resource, resource == "api" ? 3 : 2);
        var replica = replicas.Single(r => r.Suffix == name);
        await app.Running.KillAsync(replica);
        return replica;
    }

    private async Task StartAgainAsync(string resource, RunningReplica replica, int replicas)
    {
        await app.Running.CommandAsync(replica.Id, KnownResourceCommands.StartCommand);
        await app.Running.WaitForReplicasAsync(resource, replicas);
    }

    private async Task PublishAsync(string topic, int number)
    {
        // A publish that meets the killed replica is repeated under its key, as any client would.
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/streams/{topic}?event=n")
            {
                Content = new StringContent(number.ToString(CultureInfo.InvariantCulture)),
            };
            request.Headers.Add("Idempotency-Key", $"{topic}-{number}");
            try
            {
                using var response = await _client.Http.SendAsync(request);
                Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
                return;
            }
            catch (HttpRequestException) when (attempt < 10)
            {
                // The connection broke with its replica.
            }
        }
    }
}
