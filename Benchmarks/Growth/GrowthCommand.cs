using System.Globalization;
using Benchmarks.Charts;

namespace Benchmarks.Growth;

/// <summary>How cost grows with the number of streams, and with the number of topics; as a table, and as JSON and a chart where asked
/// for.</summary>
internal static class GrowthCommand
{
    private static readonly int[] StreamCounts = [1000, 3000, 5000, 10_000, 15_000];
    private static readonly int[] TopicCounts = [1, 10, 100, 1000, 10_000];
    private const int StreamsOfTopics = 10_000;
    private const int DeliveriesOfStreams = 60_000;
    private const int DeliveriesOfTopics = 20_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var run = new GrowthRun(Arguments.Number(args, "--replicas", 3), Arguments.Number(args, "--seconds", 10), Progress.Say);
        var rounds = Arguments.Number(args, "--rounds", 1);
        var (byStreams, byTopics) = (new List<GrowthPoint>(), new List<GrowthPoint>());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var streams in StreamCounts)
                byStreams.Add(await run.MeasureAsync(streams, 1, DeliveriesOfStreams));
            foreach (var topics in TopicCounts)
                byTopics.Add(await run.MeasureAsync(StreamsOfTopics, topics, DeliveriesOfTopics));
        }
        var (streamLine, topicLine) = (Medians(byStreams, point => point.Streams), Medians(byTopics, point => point.Topics));
        Print("One topic, more and more streams", streamLine);
        Print("Ten thousand streams, over more and more topics", topicLine);
        await Arguments.WriteJsonAsync(args, new { byStreams, byTopics });
        if (Arguments.Text(args, "--chart") is { } chart)
            GrowthChart.Save(chart, streamLine, topicLine);
        return byStreams.Concat(byTopics).All(point => point.Cost.Missing == 0) ? 0 : 1;
    }

    // The round in the middle by processor time stands for its size.
    private static List<GrowthPoint> Medians(List<GrowthPoint> points, Func<GrowthPoint, int> size) =>
        [
            .. points
                .GroupBy(size)
                .Select(group => group.OrderBy(point => point.Cost.ProcessorMicroseconds).ElementAt((group.Count() - 1) / 2)),
        ];

    private static void Print(string title, List<GrowthPoint> points)
    {
        Console.WriteLine();
        Console.WriteLine(title);
        Console.WriteLine();
        Console.WriteLine(
            "| streams | topics | events/s | deliveries/s | CPU µs/delivery | p50 ms | p99 ms | missing | open s | KiB/stream idle | "
                + "after |"
        );
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var p in points)
        {
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {p.Streams:N0} | {p.Topics:N0} | {p.EventsPerSecond:N0} | {p.Cost.DeliveriesPerSecond:N0} | "
                        + $"{p.Cost.ProcessorMicroseconds:0.0} | {p.Cost.P50:0.00} | {p.Cost.P99:0.0} | {p.Cost.Missing} | "
                        + $"{p.Footprint.OpenSeconds:0.00} | {p.Footprint.IdleKiB:0.0} | {p.Footprint.UsedKiB:0.0} |"
                )
            );
        }
    }
}
