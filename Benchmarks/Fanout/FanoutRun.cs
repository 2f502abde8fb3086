using Benchmarks.Load;

namespace Benchmarks.Fanout;

/// <summary>What to run.</summary>
internal sealed record FanoutOptions(
    int Streams,
    int Replicas,
    int Seconds,
    int Topics,
    bool OneTopic,
    bool ManyTopics,
    int Burst = 300,
    int TopicRate = 2000,
    int Rate = 20,
    int WarmSeconds = 10
);

/// <summary>The three works of the comparison on one design: one topic paced, one topic as fast as it goes, many topics.</summary>
internal sealed class FanoutRun(FanoutOptions options, Action<string> progress)
{
    public async Task<(List<Measurement> Works, Footprint? Footprint)> RunAsync(Func<Design> create)
    {
        var works = new List<Measurement>();
        Footprint? footprint = null;
        if (options.OneTopic)
        {
            using var redis = await RedisUnderTest.StartAsync();
            using var design = create();
            using var crowd = new StreamCrowd();
            var bench = new Workbench(design, crowd, progress);
            progress($"{design.Name}: {options.Replicas} replicas start");
            await design.StartAsync(redis, options.Replicas);
            await Workbench.WarmUpAsync(design);
            var before = design.ResidentBytes;
            progress($"{design.Name}: {options.Streams} streams open");
            var open = await bench.OpenAsync(Enumerable.Repeat("one", options.Streams));
            var idle = await design.ResidentBytesAtRestAsync();
            works.Add(await PacedAsync(bench, crowd));
            works.Add(await BurstAsync(bench, crowd));
            footprint = Footprint.Of(design.Name, options.Streams, open, idle - before, design.ResidentBytes - before);
        }
        if (options.ManyTopics)
        {
            using var redis = await RedisUnderTest.StartAsync();
            using var design = create();
            using var crowd = new StreamCrowd();
            await design.StartAsync(redis, options.Replicas);
            await Workbench.WarmUpAsync(design);
            progress($"{design.Name}: {options.Topics} topics open");
            works.Add(await ManyTopicsAsync(new Workbench(design, crowd, progress), crowd));
        }
        return (works, footprint);
    }

    private async Task<Measurement> PacedAsync(Workbench bench, StreamCrowd crowd)
    {
        await bench.PublishPacedAsync(_ => "one", 60, options.Rate);
        await crowd.WaitForAsync(crowd.Received + 1, TimeSpan.FromMilliseconds(200));
        return await bench.MeasureAsync(
            $"1 topic, {options.Rate}/s",
            options.Rate * options.Seconds,
            crowd.Ready,
            count => bench.PublishPacedAsync(_ => "one", count, options.Rate)
        );
    }

    private Task<Measurement> BurstAsync(Workbench bench, StreamCrowd crowd) =>
        bench.MeasureAsync(
            "1 topic, burst",
            options.Burst,
            crowd.Ready,
            async count =>
            {
                for (var i = 0; i < count; i++)
                    await bench.PublishAsync("one");
            }
        );

    private async Task<Measurement> ManyTopicsAsync(Workbench bench, StreamCrowd crowd)
    {
        var perTopic = Math.Max(1, options.Streams / options.Topics);
        // Each topic's streams stand on different replicas: its streams follow each other in the list, which is dealt out in turn.
        await bench.OpenAsync(Enumerable.Range(0, options.Topics).SelectMany(t => Enumerable.Repeat($"t{t}", perTopic)));
        // Until the just-in-time compiler has long seen what is called often: for the first seconds it takes half of a replica's time.
        var warm = options.TopicRate * options.WarmSeconds;
        await bench.PublishPacedAsync(i => $"t{i % options.Topics}", warm, options.TopicRate);
        await crowd.WaitForAsync((long)warm * perTopic, TimeSpan.FromMilliseconds(500));
        return await bench.MeasureAsync(
            $"{options.Topics} topics, {options.TopicRate}/s",
            options.TopicRate * options.Seconds,
            perTopic,
            count => bench.PublishPacedAsync(i => $"t{i % options.Topics}", count, options.TopicRate)
        );
    }
}
