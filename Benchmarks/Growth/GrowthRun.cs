using Benchmarks.Fanout;
using Benchmarks.Load;

namespace Benchmarks.Growth;

/// <summary>The same rate of deliveries over more and more streams, and over more and more topics: what grows is what a stream or a topic
/// costs by being there.</summary>
internal sealed class GrowthRun(int replicas, int seconds, Action<string> progress)
{
    // Events come by HTTP, one request each: more a second would measure the server of requests.
    private const int MostEventsPerSecond = 2000;

    /// <summary>Opens so many streams over so many topics, and publishes events to the topics in turn until about so many deliveries a
    /// second are made.</summary>
    public async Task<GrowthPoint> MeasureAsync(int streams, int topics, int deliveriesPerSecond)
    {
        var perTopic = streams / topics;
        var rate = Math.Clamp(deliveriesPerSecond / perTopic, 1, MostEventsPerSecond);
        using var redis = await RedisUnderTest.StartAsync();
        using var design = new EventStreamsDesign();
        using var crowd = new StreamCrowd();
        var bench = new Workbench(design, crowd, progress);
        await design.StartAsync(redis, replicas);
        await Workbench.WarmUpAsync(design);
        var before = design.ResidentBytes;
        progress($"{streams} streams of {topics} topics open");
        var open = await bench.OpenAsync(Enumerable.Range(0, topics).SelectMany(t => Enumerable.Repeat($"t{t}", perTopic)));
        var idle = await design.ResidentBytesAtRestAsync();
        await bench.PublishPacedAsync(TopicOf, rate * 2, rate);
        var cost = await bench.MeasureAsync(
            $"{streams} streams, {topics} topics, {rate}/s",
            rate * seconds,
            perTopic,
            count => bench.PublishPacedAsync(TopicOf, count, rate)
        );
        return new GrowthPoint(
            crowd.Ready,
            topics,
            rate,
            cost,
            Footprint.Of(design.Name, crowd.Ready, open, idle - before, design.ResidentBytes - before)
        );

        string TopicOf(int i) => $"t{i % topics}";
    }
}
