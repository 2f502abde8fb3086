namespace Dashboard.Telemetry.Traces;

/// <summary>A piece of work of one process, within a trace.</summary>
public sealed class Span
{
    private const int OwnBytes = 200;
    private const int PartBytes = 96;

    public required TraceId TraceId { get; init; }

    public required SpanId Id { get; init; }

    /// <summary>Null for the root; the parent may not have arrived, or never will.</summary>
    public SpanId? ParentId { get; init; }

    public required TelemetryResource Resource { get; init; }

    public required string Name { get; init; }

    public SpanKind Kind { get; init; }

    /// <summary>The library that made the span.</summary>
    public string Scope { get; init; } = "";

    public required DateTimeOffset Start { get; init; }

    public required TimeSpan Duration { get; init; }

    public DateTimeOffset End => Start + Duration;

    public SpanStatus Status { get; init; }

    public string? StatusMessage { get; init; }

    public IReadOnlyList<TelemetryAttribute> Attributes { get; init; } = [];

    public IReadOnlyList<SpanEvent> Events { get; init; } = [];

    public IReadOnlyList<SpanLink> Links { get; init; } = [];

    internal int Bytes
    {
        get
        {
            var bytes = OwnBytes + MemoryEstimate.Of(Name) + MemoryEstimate.Of(StatusMessage) + MemoryEstimate.Of(Attributes);
            foreach (var happened in Events)
            {
                bytes += PartBytes + MemoryEstimate.Of(happened.Attributes);
            }

            foreach (var link in Links)
            {
                // With its entry in the index of what links here.
                bytes += (2 * PartBytes) + MemoryEstimate.Of(link.Attributes);
            }

            return bytes;
        }
    }
}

/// <summary>Something that happened within a span, such as an exception.</summary>
public sealed record SpanEvent(string Name, DateTimeOffset Time, IReadOnlyList<TelemetryAttribute> Attributes);

/// <summary>That a span has to do with another one, perhaps of another trace.</summary>
public sealed record SpanLink(TraceId TraceId, SpanId SpanId, IReadOnlyList<TelemetryAttribute> Attributes);

/// <summary>The part that a span plays in a call.</summary>
public enum SpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>How the work ended.</summary>
public enum SpanStatus
{
    Unset,
    Ok,
    Error,
}
