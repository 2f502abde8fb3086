using System.Diagnostics;
using System.Globalization;
using Benchmarks.Load;

namespace Benchmarks.Fanout;

/// <summary>What to run.</summary>
internal sealed record FanoutOptions(int Streams = 3000, int Replicas = 3, int Seconds = 10, int Burst = 300, int Topics = 1000, int TopicRate = 2000, int Rate = 20);

/// <summary>The three works of the comparison on one design: one topic paced, one topic as fast as it goes, many topics.</summary>
internal sealed class FanoutRun(FanoutOptions options, Action<string> progress)
{
    private const int OpenAtATime = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string Filler = new('x', 130);

    public async Task<(List<Measurement> Works, Footprint Footprint)> RunAsync(Func<Design> create)
    {
        var works = new List<Measurement>();
        Footprint footprint;
        using (var redis = await RedisUnderTest.StartAsync())
        using (var design = create())
        using (var crowd = new StreamCrowd())
        {
            progress($"{design.Name}: {options.Replicas} replicas start");
            await design.StartAsync(redis, options.Replicas);
            await WarmUpAsync(design);
            var before = design.ResidentBytes;
            progress($"{design.Name}: {options.Streams} streams open");
            var open = await OpenAsync(design, crowd, Enumerable.Repeat("one", options.Streams));
            var idle = design.ResidentBytes;
            works.Add(await PacedAsync(design, crowd));
            works.Add(await BurstAsync(design, crowd));
            footprint = new Footprint(design.Name, options.Streams, open, KiB(idle - before), KiB(design.ResidentBytes - before));
        }
        using (var redis = await RedisUnderTest.StartAsync())
        using (var design = create())
        using (var crowd = new StreamCrowd())
        {
            await design.StartAsync(redis, options.Replicas);
            await WarmUpAsync(design);
            works.Add(await ManyTopicsAsync(design, crowd));
        }
        return (works, footprint);
    }

    private double KiB(long bytes) => bytes / 1024.0 / options.Streams;

    // Lets the just-in-time compiler see every path once, on a topic of its own.
    private static async Task WarmUpAsync(Design design)
    {
        using var crowd = new StreamCrowd();
        await OpenAsync(design, crowd, Enumerable.Repeat("warm", 30));
        for (var i = 0; i < 200; i++)
            await design.PublishAsync("warm", Payload());
        await crowd.WaitForAsync(200 * 30, Patience);
    }

    private static async Task<double> OpenAsync(Design design, StreamCrowd crowd, IEnumerable<string> topics)
    {
        var started = Stopwatch.GetTimestamp();
        var requests = await design.PrepareAsync([.. topics]);
        await crowd.OpenAsync(requests, OpenAtATime);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        // Designs that join a topic after the headers need a moment more until nothing is missed.
        await Task.Delay(1000);
        return seconds;
    }

    private async Task<Measurement> PacedAsync(Design design, StreamCrowd crowd)
    {
        await PublishPacedAsync(design, _ => "one", 60, options.Rate);
        await crowd.WaitForAsync(crowd.Received + 1, TimeSpan.FromMilliseconds(200));
        return await MeasureAsync(design, crowd, $"1 topic, {options.Rate}/s", options.Rate * options.Seconds, crowd.Ready,
            count => PublishPacedAsync(design, _ => "one", count, options.Rate));
    }

    private Task<Measurement> BurstAsync(Design design, StreamCrowd crowd) =>
        MeasureAsync(design, crowd, "1 topic, burst", options.Burst, crowd.Ready, async count =>
        {
            for (var i = 0; i < count; i++)
                await design.PublishAsync("one", Payload());
        });

    private async Task<Measurement> ManyTopicsAsync(Design design, StreamCrowd crowd)
    {
        var perTopic = Math.Max(1, options.Streams / options.Topics);
        // Each topic's streams stand on different replicas: its streams follow each other in the list, which is dealt out in turn.
        var topics = Enumerable.Range(0, options.Topics).SelectMany(t => Enumerable.Repeat($"t{t}", perTopic));
        progress($"{design.Name}: {options.Topics} topics open");
        await OpenAsync(design, crowd, topics);
        await PublishPacedAsync(design, i => $"t{i % options.Topics}", options.TopicRate * 2, options.TopicRate);
        await crowd.WaitForAsync(options.TopicRate * 2L * perTopic, TimeSpan.FromMilliseconds(500));
        return await MeasureAsync(design, crowd, $"{options.Topics} topics, {options.TopicRate}/s", options.TopicRate * options.Seconds, perTopic,
            count => PublishPacedAsync(design, i => $"t{i % options.Topics}", count, options.TopicRate));
    }

    private async Task<Measurement> MeasureAsync(Design design, StreamCrowd crowd, string work, int events, int streamsPerEvent, Func<int, Task> publish)
    {
        // What is still on its way from before must not count.
        await crowd.WaitForAsync(long.MaxValue, TimeSpan.FromMilliseconds(300));
        progress($"{design.Name}: {work}");
        crowd.Latencies.Clear();
        var (received, processor, started) = (crowd.Received, design.ProcessorSeconds, Stopwatch.GetTimestamp());
        var expected = (long)events * streamsPerEvent;
        await publish(events);
        await crowd.WaitForAsync(received + expected, Patience);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var deliveries = crowd.Received - received;
        var cost = (design.ProcessorSeconds - processor) / Math.Max(1, deliveries) * 1e6;
        var latency = crowd.Latencies;
        return new Measurement(design.Name, work, crowd.Ready, deliveries, expected - deliveries, seconds, cost,
            latency.Percentile(0.5), latency.Percentile(0.95), latency.Percentile(0.99), latency.Percentile(0.999));
    }

    private static async Task PublishPacedAsync(Design design, Func<int, string> topicOf, int count, int perSecond)
    {
        var started = Stopwatch.GetTimestamp();
        var pending = new Queue<Task>();
        for (var i = 0; i < count; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / perSecond);
            while (Stopwatch.GetElapsedTime(started) is var now && now < due)
                await Task.Delay(due - now < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : due - now);
            pending.Enqueue(design.PublishAsync(topicOf(i), Payload()));
            while (pending.Count > 32)
                await pending.Dequeue();
        }
        await Task.WhenAll(pending);
    }

    private static string Payload() =>
        string.Create(CultureInfo.InvariantCulture, $"~t={(DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / 10}~ {Filler}");
}
