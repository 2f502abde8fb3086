using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>A part of a topic's state as a <c>stream.state</c> event, encoded once for all that read it.</summary>
/// <param name="Bytes">The event-stream block.</param>
/// <param name="Cursor">Where the log goes on behind the state; null for a topic without a log.</param>
/// <param name="Next">The next part; null for the last.</param>
internal sealed record StatePart(WireBytes Bytes, EventId? Cursor, StateCursor? Next)
{
    public static StatePart Of(Topic topic, StatePage page)
    {
        // Behind the last part a client stands in the log, as any other does.
        var id = page.Next?.ToWire() ?? Resumption.CursorText(page.AsOf);
        return new StatePart(
            WireBytes.Of(SseEncoder.Event(id, StreamEventTypes.State, StateJson.Encode(topic, page, id))),
            page.AsOf,
            page.Next
        );
    }
}
