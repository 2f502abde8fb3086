using ScottPlot;
using ScottPlot.MultiplotLayouts;
using SkiaSharp;

namespace Benchmarks.Charts;

/// <summary>Several plots in rows and columns, as one SVG file.</summary>
internal static class Chart
{
    private const int PlotWidth = 460;
    private const int PlotHeight = 300;

    /// <summary>One colour for each design or line, in this order; the first is this project's.</summary>
    public static readonly Color[] Colors =
    [
        Color.FromHex("#1f6feb"),
        Color.FromHex("#8b949e"),
        Color.FromHex("#b08800"),
        Color.FromHex("#a475f9"),
    ];

    public static Plot Titled(this Plot plot, string title)
    {
        plot.Title(title, size: 14);
        plot.HideGrid();
        plot.Axes.Right.IsVisible = false;
        plot.Axes.Top.FrameLineStyle.IsVisible = false;
        return plot;
    }

    public static void Save(string file, int columns, IReadOnlyList<Plot> plots)
    {
        var rows = (plots.Count + columns - 1) / columns;
        var layout = new CustomGrid();
        var multiplot = new Multiplot { Layout = layout };
        for (var i = 0; i < plots.Count; i++)
        {
            multiplot.AddPlot(plots[i]);
            layout.Set(plots[i], new GridCell(i / columns, i % columns, rows, columns));
        }
        var (width, height) = (columns * PlotWidth, rows * PlotHeight);
        using var stream = File.Create(file);
        using var canvas = SKSvgCanvas.Create(SKRect.Create(width, height), stream);
        multiplot.Render(canvas, new PixelRect(0, width, height, 0));
    }
}
