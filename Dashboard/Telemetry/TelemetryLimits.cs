using System.ComponentModel.DataAnnotations;

namespace Dashboard.Telemetry;

/// <summary>How much telemetry is kept, section <c>Dashboard:Limits</c>. Whatever limit is reached first, the oldest goes.</summary>
public sealed class TelemetryLimits
{
    /// <summary>Log records kept.</summary>
    [Range(1, 10_000_000)]
    public int MaxLogs { get; set; } = 50_000;

    /// <summary>Traces kept.</summary>
    [Range(1, 10_000_000)]
    public int MaxTraces { get; set; } = 20_000;

    /// <summary>Spans of one trace; more are rejected.</summary>
    [Range(1, 1_000_000)]
    public int MaxSpansPerTrace { get; set; } = 10_000;

    /// <summary>Points of metrics kept, of all series together. A value that stays the same is one point.</summary>
    [Range(1, 100_000_000)]
    public int MaxMetricPoints { get; set; } = 300_000;

    /// <summary>Series of metrics: an instrument of a process with one set of attributes. More are rejected.</summary>
    [Range(1, 1_000_000)]
    public int MaxSeries { get; set; } = 10_000;

    /// <summary>Processes that telemetry is kept of; what comes from more is rejected.</summary>
    [Range(1, 100_000)]
    public int MaxResources { get; set; } = 1_000;

    /// <summary>
    /// What all telemetry may add to the memory of the process, in bytes: two fifths for logs, two for traces, one for metrics. What is kept takes three fifths of that by estimate:
    /// the collector needs the rest, as everything kept is replaced again and again.
    /// </summary>
    [Range(1 << 20, 1L << 40)]
    public long MaxBytes { get; set; } = 192L << 20;

    /// <summary>Attributes of a record, a span, an event, a link or a series; more are left out.</summary>
    [Range(1, 10_000)]
    public int MaxAttributes { get; set; } = 128;

    /// <summary>Characters of a text, such as an attribute's value or a log record's message; more are cut off.</summary>
    [Range(16, 10_000_000)]
    public int MaxTextLength { get; set; } = 16_384;

    internal long LogBytes => KeptBytes * 2 / 5;

    internal long TraceBytes => KeptBytes * 2 / 5;

    internal long MetricBytes => KeptBytes / 5;

    private long KeptBytes => MaxBytes * 3 / 5;
}
