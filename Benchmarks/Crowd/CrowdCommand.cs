using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Benchmarks.Fanout;
using Benchmarks.Load;
using Benchmarks.Publishing;
using EventStreams;

namespace Benchmarks.Crowd;

/// <summary>A crowd of clients that come back at different cursors far behind a topic of large events: how long until all have caught up,
/// and what a publish to another topic takes meanwhile.</summary>
internal static class CrowdCommand
{
    private const int Events = 700;
    private const int Spread = 500;

    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = Arguments.Number(args, "--rounds", 1);
        Console.WriteLine(
            "| clients | KiB an event | caught up, s | MB/s | publish alone, ms: p50 | p99 | longest | beside the crowd: p50 | p99 | "
                + "longest |"
        );
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (var round = 0; round < rounds; round++)
        {
            await MeasureAsync(24, 64 * 1024);
            await MeasureAsync(200, 16 * 1024);
        }
        return 0;
    }

    private static async Task MeasureAsync(int clients, int bytes)
    {
        using var redis = await RedisUnderTest.StartAsync();
        using var design = new EventStreamsDesign();
        using var crowd = new StreamCrowd();
        using var host = PublisherUnderTest.BuildHost(redis.ConnectionString);
        var publisher = host.Services.GetRequiredService<IEventPublisher>();
        await design.StartAsync(redis, 1);
        await Workbench.WarmUpAsync(design);
        var ids = new List<EventStreams.EventId>();
        for (var n = 0; n < Events; n++)
            ids.Add((await publisher.PublishAsync(Topic.Parse("large"), new EventMessage("message", Payload(bytes)))).Id);

        var alone = await PublishesAsync(publisher, Task.Delay(TimeSpan.FromSeconds(3)));
        var behind = Enumerable.Range(0, clients).Select(c => c * Spread / clients).ToList();
        var events = behind.Sum(first => Events - 1L - first);
        var started = Stopwatch.GetTimestamp();
        var opening = crowd.OpenAsync([.. behind.Select(at => (design.Replicas[0].EndPoint, Request(ids[at])))], clients);
        var catchingUp = crowd.WaitForAsync(events, TimeSpan.FromSeconds(10));
        var beside = await PublishesAsync(publisher, catchingUp);
        await opening;
        if (!await catchingUp)
            throw new InvalidOperationException($"Only {crowd.Received} of {events} events came.");
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {clients} | {bytes / 1024} | {seconds:0.0} | {events * bytes / seconds / 1e6:0} | {Cells(alone)} | {Cells(beside)} |"
            )
        );
    }

    private static async Task<LatencyHistogram> PublishesAsync(IEventPublisher publisher, Task until)
    {
        var times = new LatencyHistogram();
        while (!until.IsCompleted)
        {
            var at = Stopwatch.GetTimestamp();
            await publisher.PublishAsync(Topic.Parse("beside"), EventMessage.Text("message", "x"));
            times.Add((long)Stopwatch.GetElapsedTime(at).TotalMicroseconds);
            await Task.WhenAny(until, Task.Delay(5));
        }
        return times;
    }

    private static string Cells(LatencyHistogram times) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{times.Percentile(0.5):0.0} | {times.Percentile(0.99):0.0} | {times.Percentile(1):0.0}"
        );

    // With the mark that the crowd counts; what it says of the time is not looked at.
    private static byte[] Payload(int bytes) => Encoding.ASCII.GetBytes("~t=1700000000000000~".PadRight(bytes, 'x'));

    private static string Request(EventStreams.EventId cursor) =>
        $"GET /streams/large HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nLast-Event-ID: {cursor}\r\n\r\n";
}
