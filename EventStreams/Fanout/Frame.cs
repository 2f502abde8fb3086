using EventStreams.Log;
using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>What a frame is to the streams that carry it.</summary>
internal enum FrameKind
{
    /// <summary>An event of the log.</summary>
    Event,

    /// <summary>A gap notice; it has no offset of its own.</summary>
    Gap,

    /// <summary>The topic's end: the stream closes behind it.</summary>
    End,
}

/// <summary>One event as bytes for the wire: encoded once for an event and a replica, and shared by every stream.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The event's id; for a gap, the position after which the stream goes on.</param>
/// <param name="Bytes">The event-stream block.</param>
/// <param name="PublishedAt">The publisher's clock in Unix microseconds; 0 for a gap.</param>
/// <param name="TraceParent">The publish span, or null.</param>
/// <param name="GapReason">Why there is a gap; null for an event.</param>
/// <param name="Earlier">For a gap that ends an epoch of the log: what was seen of it; else null.</param>
internal sealed record Frame(
    FrameKind Kind,
    EventId Id,
    WireBytes Bytes,
    long PublishedAt = 0,
    string? TraceParent = null,
    string? GapReason = null,
    SeenEvents? Earlier = null
)
{
    private byte[]? _cursor;

    /// <summary>The id as one of a <see cref="CursorSet"/>. Made when it is first needed.</summary>
    public byte[] Cursor => _cursor ??= CursorSet.Encode(Id);

    /// <summary>Encodes an event of a log whose newest end is <paramref name="end"/>.</summary>
    public static Frame Of(Topic topic, StreamEvent e, EventId? end)
    {
        var isEnd = e.Type == StreamEventTypes.End;
        // A topic that was opened again has an end in the middle of its log. That one must not close anything; it keeps its offset, so that
        // clients see no hole.
        var isPassed = isEnd && end?.Offset != e.Id.Offset;
        var type = isPassed ? StreamEventTypes.Reopened : e.Type;
        if (isEnd && !isPassed)
            return OfEnd(topic, e.Id) with { PublishedAt = LogEntry.UnixMicroseconds(e.PublishedAt), TraceParent = e.TraceParent };
        return new Frame(
            FrameKind.Event,
            e.Id,
            WireBytes.Of(SseEncoder.Event(e.Id.ToString(), type, e.Payload.Span)),
            LogEntry.UnixMicroseconds(e.PublishedAt),
            e.TraceParent
        );
    }

    /// <summary>The end of a topic, whether its entry is still in the log or not.</summary>
    public static Frame OfEnd(Topic topic, EventId end) => new(FrameKind.End, end, WireBytes.Of(SseEncoder.End(end.ToString(), topic)));

    /// <summary>A gap notice.</summary>
    public static Frame OfGap(StreamGap gap, EventId goesOnAfter, SeenEvents? earlier) =>
        new(FrameKind.Gap, goesOnAfter, WireBytes.Of(SseEncoder.Gap(gap)), GapReason: gap.Reason, Earlier: earlier);

    /// <summary>What a reader gets that has seen the event in an earlier epoch of the log: its place, in a notice of its own.</summary>
    public WireBytes PlaceOnly() => WireBytes.Of(SseEncoder.Place(Id.ToString()));
}
