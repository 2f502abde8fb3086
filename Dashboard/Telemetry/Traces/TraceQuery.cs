namespace Dashboard.Telemetry.Traces;

/// <summary>Which traces; all conditions must hold.</summary>
public sealed record TraceQuery
{
    /// <summary>A service's name or a process's id that the trace went through; null means any.</summary>
    public string? Resource { get; init; }

    /// <summary>A part of the name of a span, in letters of either case; or the beginning of the trace's id.</summary>
    public string? Text { get; init; }

    /// <summary>Only traces in which a span failed.</summary>
    public bool OnlyErrors { get; init; }

    public TimeSpan MinDuration { get; init; }

    /// <summary>Each must hold for some span of the trace.</summary>
    public IReadOnlyList<AttributeFilter> Attributes { get; init; } = [];

    /// <summary>At most so many, the newest.</summary>
    public int Limit { get; init; } = 500;
}
