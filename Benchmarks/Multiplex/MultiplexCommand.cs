using System.Globalization;
using Benchmarks.Fanout;
using Benchmarks.Load;

namespace Benchmarks.Multiplex;

/// <summary>
/// What a delivery costs on a stream over several topics, beside one on a stream of a single topic: the same number of streams gets the
/// same number of events a second, from one topic or from several in turn. Both in every round, one after the other.
/// </summary>
internal static class MultiplexCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var topics = Arguments.Number(args, "--topics", 10);
        var streams = Arguments.Number(args, "--streams", 1000);
        var seconds = Arguments.Number(args, "--seconds", 5);
        var rates = (Arguments.Text(args, "--rates") ?? "10,200")
            .Split(',')
            .Select(rate => int.Parse(rate, CultureInfo.InvariantCulture))
            .ToArray();
        var works = new List<(int Rate, bool IsSeveral, Measurement Work)>();
        for (var round = 0; round < Arguments.Number(args, "--rounds", 3); round++)
        {
            foreach (var isSeveral in (bool[])[false, true])
                works.AddRange(
                    (await MeasureAsync(isSeveral ? topics : 1, streams, seconds, rates)).Select(work => (work.Rate, isSeveral, work.Work))
                );
        }
        foreach (var rate in rates)
        {
            var (one, several) = (Of(rate, isSeveral: false), Of(rate, isSeveral: true));
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{streams} streams, {rate} events/s: one topic {one.Cost:0.00} µs a delivery "
                        + $"(p50 {one.P50:0.0} ms, p99 {one.P99:0.0} ms), {topics} topics {several.Cost:0.00} µs "
                        + $"(p50 {several.P50:0.0} ms, p99 {several.P99:0.0} ms): "
                        + $"{several.Cost / one.Cost:0.00} times; missing {one.Missing + several.Missing}"
                )
            );
        }
        return 0;

        (double Cost, double P50, double P99, long Missing) Of(int rate, bool isSeveral)
        {
            var rounds = works.Where(work => work.Rate == rate && work.IsSeveral == isSeveral).Select(work => work.Work).ToArray();
            return (
                Medians.Of(rounds.Select(work => work.ProcessorMicroseconds)),
                Medians.Of(rounds.Select(work => work.P50)),
                Medians.Of(rounds.Select(work => work.P99)),
                rounds.Sum(work => work.Missing)
            );
        }
    }

    private static async Task<List<(int Rate, Measurement Work)>> MeasureAsync(int topics, int streams, int seconds, int[] rates)
    {
        using var redis = await RedisUnderTest.StartAsync();
        using var design = new EventStreamsDesign(topics);
        using var crowd = new StreamCrowd();
        var bench = new Workbench(design, crowd, Progress.Say);
        await design.StartAsync(redis, replicas: 2);
        await Workbench.WarmUpAsync(design);
        await bench.OpenAsync(Enumerable.Repeat("t", streams));
        var works = new List<(int, Measurement)>();
        foreach (var rate in rates)
        {
            await bench.PublishPacedAsync(TopicOf, rate * 2, rate);
            works.Add(
                (
                    rate,
                    await bench.MeasureAsync(
                        $"{topics} topics, {rate}/s",
                        rate * seconds,
                        crowd.Ready,
                        count => bench.PublishPacedAsync(TopicOf, count, rate)
                    )
                )
            );
        }
        return works;

        string TopicOf(int i) => i % topics == 0 ? "t" : $"t{i % topics}";
    }
}
