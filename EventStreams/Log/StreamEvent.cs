namespace EventStreams;

/// <summary>One event as the log holds it.</summary>
/// <param name="Id">Its position.</param>
/// <param name="Type">Its type; <c>stream.end</c> for the last one of an ended topic.</param>
/// <param name="Payload">UTF-8 text.</param>
/// <param name="PublishedAt">The publisher's clock at the publish, to the microsecond.</param>
/// <param name="TraceParent">The publish span in W3C <c>traceparent</c> form, or null where it was not sampled.</param>
public sealed record StreamEvent(
    EventId Id,
    string Type,
    ReadOnlyMemory<byte> Payload,
    DateTimeOffset PublishedAt,
    string? TraceParent = null
)
{
    /// <summary>The key that the event is the state of; null for events that were read from the log.</summary>
    public string? Key { get; init; }
}
