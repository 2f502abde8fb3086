using Benchmarks.Soak;
using ScottPlot;

namespace Benchmarks.Charts;

/// <summary>What the servers hold, over the minutes of a soak.</summary>
internal static class SoakChart
{
    public static void Save(string file, IReadOnlyList<SoakSample> samples) =>
        Chart.Save(
            file,
            columns: 2,
            [
                Line("memory of the replicas, MiB", samples, sample => sample.ReplicaMiB),
                Line("memory of Redis, MiB", samples, sample => sample.RedisMiB),
                Line("open handles of the replicas", samples, sample => sample.Handles),
                Line("threads of the replicas", samples, sample => sample.Threads),
                Line("subscriptions in Redis", samples, sample => sample.Subscriptions),
                Line("keys in Redis", samples, sample => sample.Keys),
                Line("open streams", samples, sample => sample.Streams),
                Line("deliveries a second", samples, sample => sample.DeliveriesPerSecond),
            ]
        );

    private static Plot Line(string title, IReadOnlyList<SoakSample> samples, Func<SoakSample, double> figure)
    {
        var plot = new Plot().Titled($"{title}, over minutes");
        var line = plot.Add.Scatter(samples.Select(sample => sample.Minutes).ToArray(), samples.Select(figure).ToArray(), Chart.Colors[0]);
        (line.LineWidth, line.MarkerSize) = (2, 0);
        plot.HideLegend();
        // From zero, so that a line that rises is seen for what it is.
        plot.Axes.SetLimitsY(0, samples.Max(figure) * 1.2);
        return plot;
    }
}
