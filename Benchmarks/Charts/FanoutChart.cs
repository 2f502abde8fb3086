using System.Globalization;
using Benchmarks.Fanout;
using ScottPlot;

namespace Benchmarks.Charts;

/// <summary>The comparison as bars: a plot for each figure, a bar for each design.</summary>
internal static class FanoutChart
{
    public static void Save(string file, IReadOnlyList<Measurement> works, IReadOnlyList<Footprint> footprints)
    {
        var plots = new List<Plot>();
        foreach (var work in works.GroupBy(work => work.Work))
        {
            plots.Add(Bars($"{work.Key}: processor µs a delivery", [.. work], w => w.Design, w => w.ProcessorMicroseconds, "0.0"));
            plots.Add(
                work.Key.Contains("burst", StringComparison.Ordinal)
                    ? Bars($"{work.Key}: thousand deliveries a second", [.. work], w => w.Design, w => w.DeliveriesPerSecond / 1000, "0")
                    : Bars($"{work.Key}: p99, ms", [.. work], w => w.Design, w => w.P99, "0.0")
            );
        }
        if (footprints.Count > 0)
            plots.AddRange(
                Bars("KiB a stream, after broadcasts", footprints, f => f.Design, f => f.UsedKiB, "0.0"),
                Bars("seconds to open all streams", footprints, f => f.Design, f => f.OpenSeconds, "0.00")
            );
        Chart.Save(file, columns: 2, plots);
    }

    private static Plot Bars<T>(string title, IReadOnlyList<T> results, Func<T, string> design, Func<T, double> figure, string format)
    {
        var plot = new Plot().Titled(title);
        var designs = results.Select(design).Distinct().ToList();
        var bars = plot.Add.Bars([.. designs.Select(name => Medians.Of(results.Where(result => design(result) == name).Select(figure)))]);
        foreach (var (bar, color) in bars.Bars.Zip(Chart.Colors))
        {
            bar.FillColor = color;
            bar.LineWidth = 0;
            bar.Size = 0.6;
        }
        bars.ValueLabelStyle.FontSize = 12;
        foreach (var bar in bars.Bars)
            bar.Label = bar.Value.ToString(format, CultureInfo.InvariantCulture);
        plot.Axes.Bottom.SetTicks([.. designs.Select((_, at) => (double)at)], [.. designs]);
        plot.Axes.Margins(bottom: 0, top: 0.2);
        return plot;
    }
}
