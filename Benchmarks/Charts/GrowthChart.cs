using System.Globalization;
using Benchmarks.Growth;
using ScottPlot;

namespace Benchmarks.Charts;

/// <summary>Cost over size: processor time and latency, over streams and over topics.</summary>
internal static class GrowthChart
{
    public static void Save(string file, IReadOnlyList<GrowthPoint> byStreams, IReadOnlyList<GrowthPoint> byTopics) =>
        Chart.Save(
            file,
            columns: 2,
            [
                Cost("processor µs a delivery, over streams of one topic", byStreams, point => point.Streams),
                Latency("latency ms, over streams of one topic", byStreams, point => point.Streams),
                Cost("processor µs a delivery, over topics", byTopics, point => point.Topics),
                Latency("latency ms, over topics", byTopics, point => point.Topics),
            ]
        );

    private static Plot Cost(string title, IReadOnlyList<GrowthPoint> points, Func<GrowthPoint, int> size) =>
        Lines(title, points, size, ("processor", point => point.Cost.ProcessorMicroseconds));

    private static Plot Latency(string title, IReadOnlyList<GrowthPoint> points, Func<GrowthPoint, int> size) =>
        Lines(title, points, size, ("p50", point => point.Cost.P50), ("p99", point => point.Cost.P99));

    // Sizes stand at equal distances, since they are a factor apart.
    private static Plot Lines(
        string title,
        IReadOnlyList<GrowthPoint> points,
        Func<GrowthPoint, int> size,
        params (string Name, Func<GrowthPoint, double> Figure)[] lines
    )
    {
        var plot = new Plot().Titled(title);
        double[] places = [.. points.Select((_, at) => (double)at)];
        foreach (var ((name, figure), color) in lines.Zip(Chart.Colors))
        {
            var line = plot.Add.Scatter(places, [.. points.Select(figure)], color);
            line.LineWidth = 2;
            line.LegendText = name;
        }
        if (lines.Length > 1)
            plot.ShowLegend(Alignment.UpperCenter);
        else
            plot.HideLegend();
        plot.Axes.Bottom.SetTicks(places, [.. points.Select(point => size(point).ToString("N0", CultureInfo.InvariantCulture))]);
        // Room for the last size's name.
        plot.Axes.SetLimitsX(-0.2, places.Length - 0.7);
        plot.Axes.SetLimitsY(0, points.Max(point => lines.Max(line => line.Figure(point))) * 1.2);
        return plot;
    }
}
