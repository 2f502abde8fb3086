namespace Dashboard.Telemetry.Logs;

/// <summary>Which log records; all conditions must hold.</summary>
public sealed record LogQuery
{
    /// <summary>A service's name or a process's id; null means all.</summary>
    public string? Resource { get; init; }

    /// <summary>Records that matter at least as much.</summary>
    public LogSeverity MinSeverity { get; init; }

    /// <summary>A part of the message, the category or the exception, in letters of either case.</summary>
    public string? Text { get; init; }

    public IReadOnlyList<AttributeFilter> Attributes { get; init; } = [];

    public TraceId? TraceId { get; init; }

    public SpanId? SpanId { get; init; }

    /// <summary>Only records that came after the one with this <see cref="LogEntry.Sequence"/>.</summary>
    public long After { get; init; }

    /// <summary>At most so many, the newest.</summary>
    public int Limit { get; init; } = 1_000;

    internal bool Accepts(LogEntry entry) =>
        entry.Severity >= MinSeverity
        && (TraceId is not { } trace || entry.TraceId == trace)
        && (SpanId is not { } span || entry.SpanId == span)
        && entry.Resource.Matches(Resource)
        && HasText(entry)
        && Attributes.All(filter => filter.Accepts(entry.Attributes));

    private bool HasText(LogEntry entry) => string.IsNullOrEmpty(Text)
        || entry.Message.Contains(Text, StringComparison.OrdinalIgnoreCase)
        || entry.Category.Contains(Text, StringComparison.OrdinalIgnoreCase)
        || entry.Exception?.Contains(Text, StringComparison.OrdinalIgnoreCase) == true;
}

/// <summary>Log records that match a query.</summary>
/// <param name="Entries">In the order in which they came.</param>
/// <param name="Matching">How many match in all.</param>
/// <param name="Kept">How many are kept in all.</param>
/// <param name="Dropped">How many older ones have made way for newer ones.</param>
public sealed record LogPage(IReadOnlyList<LogEntry> Entries, int Matching, int Kept, long Dropped);

/// <summary>How many of a process's kept records warn, and how many tell of an error.</summary>
public sealed record LogCounts(int Warnings, int Errors);
