namespace Dashboard.Telemetry.Metrics;

/// <summary>An instrument's values over a range of time.</summary>
/// <param name="From">The start of the first step.</param>
/// <param name="Step">The length of a step.</param>
/// <param name="Series">One for each group.</param>
/// <param name="Exemplars">Single measurements in the range that were made within a trace, oldest first.</param>
public sealed record MetricResult(
    InstrumentInfo Instrument, DateTimeOffset From, TimeSpan Step, IReadOnlyList<MetricSeries> Series, IReadOnlyList<MetricExemplar> Exemplars);

/// <summary>The values of one group of series.</summary>
/// <param name="Group">The attributes that the group agrees in; an empty value stands for none.</param>
/// <param name="Lines">A counter has the line <c>rate</c> in units a second, a gauge and an up-down counter <c>value</c>, a histogram <c>p50</c>, <c>p90</c>, <c>p99</c>, <c>mean</c> and <c>rate</c> (measurements a second).</param>
public sealed record MetricSeries(IReadOnlyList<TelemetryAttribute> Group, IReadOnlyList<MetricLine> Lines);

/// <summary>One value for each step; null where nothing is known.</summary>
public sealed record MetricLine(string Name, IReadOnlyList<double?> Values);

/// <summary>A single measurement that was made within a trace.</summary>
public sealed record MetricExemplar(TelemetryResource Resource, DateTimeOffset Time, double Value, TraceId TraceId, SpanId SpanId);
