using Dashboard.Telemetry.Metrics;

namespace Dashboard.Components.Live;

/// <summary>What the chart's script is given; moments and lengths are milliseconds, as scripts count.</summary>
internal sealed record ChartData(double From, double Step, string Unit, IReadOnlyList<ChartLine> Lines, IReadOnlyList<ChartPoint> Exemplars)
{
    /// <summary>All percentiles at once, which only a single group has room for.</summary>
    public const string Percentiles = "percentiles";

    private const int MaxLines = 24;
    private const int MaxExemplars = 200;

    private static readonly string[] PercentileLines = ["p50", "p90", "p99"];

    /// <param name="result">The values.</param>
    /// <param name="choice">Which line of a histogram; the others have only one.</param>
    public static ChartData Of(MetricResult result, string choice)
    {
        var isHistogram = result.Instrument.Kind == InstrumentKind.Histogram;
        var chosen = !isHistogram ? null : choice != Percentiles ? [choice] : result.Series.Count == 1 ? PercentileLines : ["p90"];
        var lines =
            from series in result.Series
            from line in series.Lines
            where chosen is null || chosen.Contains(line.Name)
            select new ChartLine(NameOf(series, line, isHistogram), line.Values);
        var isRate = result.Instrument.Kind == InstrumentKind.Counter || (isHistogram && choice == "rate");

        // A single measurement has a place only among values of its own kind.
        var exemplars = isHistogram && !isRate ? result.Exemplars : [];
        return new(
            (result.From - DateTimeOffset.UnixEpoch).TotalMilliseconds,
            result.Step.TotalMilliseconds,
            isHistogram && isRate ? "/s" : Counted(result.Instrument.Unit) + (isRate ? "/s" : ""),
            [.. lines.Take(MaxLines)],
            [.. exemplars.Distinct().TakeLast(MaxExemplars).Select(e => new ChartPoint((e.Time - DateTimeOffset.UnixEpoch).TotalMilliseconds, e.Value, e.TraceId.ToString(), e.SpanId.ToString()))]);
    }

    /// <summary>The unit without the braces that mark what is counted.</summary>
    private static string Counted(string unit) => unit == "1" ? "" : unit.Trim('{', '}');

    public static string NameOf(MetricSeries series) => string.Join(", ", series.Group.Select(a => a.Value.Length > 0 ? a.Value : "(none)"));

    private static string NameOf(MetricSeries series, MetricLine line, bool isHistogram)
    {
        var group = NameOf(series);
        return !isHistogram && group.Length > 0 ? group : group.Length > 0 ? $"{group}, {line.Name}" : line.Name;
    }
}

/// <summary>A line: one value for each step.</summary>
internal sealed record ChartLine(string Name, IReadOnlyList<double?> Values);

/// <summary>A single measurement within a trace.</summary>
internal sealed record ChartPoint(double Time, double Value, string Trace, string Span);
