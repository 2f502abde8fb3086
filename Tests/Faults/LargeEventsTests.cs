using System.Diagnostics;
using System.Text;
using EventStreams;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>Crowds that are far behind a topic with large events, and what they do to everybody else.</summary>
[Collection(FaultsCollection.Name)]
public sealed class LargeEventsTests(ITestOutputHelper output)
{
    private const int Events = 700;

    [Theory]
    [InlineData(24, 64 * 1024)]
    [InlineData(200, 16 * 1024)]
    public async Task A_crowd_at_different_cursors_catches_up_while_other_topics_are_published_to_at_once(int clients, int bytes)
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        await using var replica = await Replica.StartAsync(
            server.ConnectionString,
            RedisServers.CreateKeyPrefix(),
            "a",
            isDirect: true,
            options => options.RedisTimeout = TimeSpan.FromSeconds(5)
        );
        var topic = Topic.Parse("large");
        var payload = new byte[bytes - 8];
        Array.Fill(payload, (byte)'x');
        var ids = new List<EventId>();
        for (var n = 0; n < Events; n++)
            ids.Add(
                (
                    await replica.Publisher.PublishAsync(
                        topic,
                        new EventMessage("note", (byte[])[.. Encoding.ASCII.GetBytes($"{n:D8}"), .. payload])
                    )
                ).Id
            );

        using var alone = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var quiet = await PublishUntilAsync(replica, alone.Token);
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(() => PublishUntilAsync(replica, stop.Token));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(c => CatchUpAsync(replica, topic, ids, c * 500 / clients)));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await stop.CancelAsync();
        var beside = await publishing;
        output.WriteLine(
            $"{clients} clients at {bytes / 1024} KiB caught up in {seconds:0.0} s; publishes alone: {Describe(quiet)}; beside them: "
                + $"{Describe(beside)}"
        );
        // A machine that has other work makes some of them slow by itself.
        Assert.InRange(beside[beside.Count / 2], 0, 50);
    }

    private static string Describe(List<double> times) =>
        $"median {times[times.Count / 2]:0.0} ms, p99 {times[times.Count * 99 / 100]:0.0} ms, longest {times[^1]:0.0} ms";

    private static async Task<List<double>> PublishUntilAsync(Replica replica, CancellationToken stop)
    {
        var times = new List<double>();
        while (!stop.IsCancellationRequested)
        {
            var at = Stopwatch.GetTimestamp();
            await replica.Publisher.PublishAsync(
                Topic.Parse("beside"),
                EventMessage.Text("note", "x"),
                cancellationToken: CancellationToken.None
            );
            times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            await Task.Delay(10, CancellationToken.None);
        }
        times.Sort();
        return times;
    }

    // Reads bytes and not blocks, so that the reader's own work is not what is measured.
    private static async Task CatchUpAsync(Replica replica, Topic topic, List<EventId> ids, int from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/streams/{topic}");
        if (from > 0)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", ids[from - 1].ToString());
        using var response = await replica.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64 * 1024];
        var kept = 0;
        var next = from;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (next < Events)
        {
            var read = await body.ReadAsync(buffer.AsMemory(kept), limit.Token);
            Assert.NotEqual(0, read);
            kept += read;
            var rest = buffer.AsMemory(0, kept);
            while (next < Events && rest.Span.IndexOf("data: 00"u8) is >= 0 and var at && rest.Length >= at + 14)
            {
                Assert.Equal($"{next++:D8}", Encoding.ASCII.GetString(rest.Span.Slice(at + 6, 8)));
                rest = rest[(at + 14)..];
            }
            // What could be the beginning of a line that goes on in the next read.
            rest = rest[Math.Max(0, rest.Length - 13)..];
            rest.CopyTo(buffer);
            kept = rest.Length;
        }
    }
}
