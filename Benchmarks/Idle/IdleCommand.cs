using System.Diagnostics;
using System.Globalization;
using Benchmarks.Fanout;
using Benchmarks.Load;

namespace Benchmarks.Idle;

/// <summary>What one replica costs while nothing happens: many streams, each of a topic of its own, that nobody publishes to.</summary>
internal static class IdleCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var streams = Arguments.Number(args, "--streams", 5000);
        var settle = TimeSpan.FromSeconds(Arguments.Number(args, "--settle", 60));
        var seconds = Arguments.Number(args, "--seconds", 60);
        using var redis = await RedisUnderTest.StartAsync();
        using var design = new EventStreamsDesign();
        using var crowd = new StreamCrowd();
        await design.StartAsync(redis, 1);
        await new Workbench(design, crowd, _ => { }).OpenAsync(Enumerable.Range(0, streams).Select(i => $"silent:{i}"));
        await Task.Delay(settle);
        var (replica, server, started) = (design.ProcessorSeconds, redis.ProcessorSeconds, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{streams} streams on as many topics, silent for {settle.TotalSeconds:0} s: "
                    + $"{(design.ProcessorSeconds - replica) / elapsed:0.00 %} of a core for the replica, "
                    + $"{(redis.ProcessorSeconds - server) / elapsed:0.00 %} for Redis"
            )
        );
        return crowd.Lost == 0 ? 0 : 1;
    }
}
