namespace Dashboard.Telemetry.Logs;

/// <summary>A structured log record.</summary>
public sealed class LogEntry
{
    private const int OwnBytes = 160;

    /// <summary>Counts the records in the order in which they came, from 1; 0 until the record is kept.</summary>
    public long Sequence { get; internal set; }

    public required TelemetryResource Resource { get; init; }

    /// <summary>When it happened, by the clock of the process; else when it was seen.</summary>
    public required DateTimeOffset Time { get; init; }

    public required LogSeverity Severity { get; init; }

    public required string Message { get; init; }

    /// <summary>The logger: usually the name of a class.</summary>
    public string Category { get; init; } = "";

    public string? EventName { get; init; }

    public TraceId? TraceId { get; init; }

    public SpanId? SpanId { get; init; }

    public IReadOnlyList<TelemetryAttribute> Attributes { get; init; } = [];

    /// <summary>The exception that was logged, with its stack trace where it has one; null without one.</summary>
    public string? Exception => Find("exception.stacktrace") ?? Find("exception.message") ?? Find("exception.type");

    internal int Bytes => OwnBytes + MemoryEstimate.Of(Message) + MemoryEstimate.Of(Attributes);

    private string? Find(string name)
    {
        foreach (var attribute in Attributes)
        {
            if (attribute.Name == name)
            {
                return attribute.Value;
            }
        }

        return null;
    }
}
