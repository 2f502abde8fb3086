using System.Diagnostics;
using System.Globalization;
using Benchmarks.Load;

namespace Benchmarks.Fanout;

/// <summary>A design with a crowd of streams: opens them, publishes at a pace, and measures what that costs.</summary>
internal sealed class Workbench(Design design, StreamCrowd crowd, Action<string> progress)
{
    private const int OpenAtATime = 64;
    private const int MostInFlight = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string Filler = new('x', 130);

    /// <summary>Lets the just-in-time compiler see every path once, on a topic of its own.</summary>
    public static async Task WarmUpAsync(Design design)
    {
        using var crowd = new StreamCrowd();
        var bench = new Workbench(design, crowd, _ => { });
        await bench.OpenAsync(Enumerable.Repeat("warm", 30));
        for (var i = 0; i < 200; i++)
            await bench.PublishAsync("warm");
        await crowd.WaitForAsync(200 * 30, Patience);
    }

    /// <summary>Opens a stream of each topic in the list, and returns the seconds until all were ready.</summary>
    public async Task<double> OpenAsync(IEnumerable<string> topics)
    {
        var started = Stopwatch.GetTimestamp();
        var requests = await design.PrepareAsync([.. topics]);
        await crowd.OpenAsync(requests, OpenAtATime);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        // Designs that join a topic after the headers need a moment more until nothing is missed.
        await Task.Delay(1000);
        return seconds;
    }

    public Task PublishAsync(string topic) => design.PublishAsync(topic, Payload());

    public async Task PublishPacedAsync(Func<int, string> topicOf, int count, int perSecond)
    {
        var started = Stopwatch.GetTimestamp();
        var pending = new Queue<Task>();
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond);
            while (Stopwatch.GetElapsedTime(started) is var now && now < due)
                await Task.Delay(due - now < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : due - now);
            pending.Enqueue(PublishAsync(topicOf(i)));
            while (pending.Count > MostInFlight)
                await pending.Dequeue();
        }
        await Task.WhenAll(pending);
    }

    /// <summary>Measures from the first publish until every stream has every event, or nothing has come for a while.</summary>
    public async Task<Measurement> MeasureAsync(string work, int events, int streamsPerEvent, Func<int, Task> publish)
    {
        // What is still on its way from before must not count.
        await crowd.WaitForAsync(long.MaxValue, TimeSpan.FromMilliseconds(300));
        progress($"{design.Name}: {work}");
        crowd.Latencies.Clear();
        var (received, processor, started) = (crowd.Received, design.ProcessorSeconds, Stopwatch.GetTimestamp());
        var expected = (long)events * streamsPerEvent;
        await publish(events);
        await crowd.WaitForAsync(received + expected, Patience);
        if (crowd.Lost > 0)
            progress($"{design.Name}: {crowd.Lost} streams were closed by the server. {crowd.TurnedAway}");
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var deliveries = crowd.Received - received;
        var cost = (design.ProcessorSeconds - processor) / Math.Max(1, deliveries) * 1e6;
        var latency = crowd.Latencies;
        return new Measurement(
            design.Name,
            work,
            crowd.Ready,
            deliveries,
            expected - deliveries,
            seconds,
            cost,
            latency.Percentile(0.5),
            latency.Percentile(0.95),
            latency.Percentile(0.99),
            latency.Percentile(0.999)
        );
    }

    private static string Payload() =>
        string.Create(CultureInfo.InvariantCulture, $"~t={(DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / 10}~ {Filler}");
}
