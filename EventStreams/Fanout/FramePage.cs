using EventStreams.Log;

namespace EventStreams.Fanout;

/// <summary>A page of the log, encoded once for all that read it.</summary>
/// <param name="Topic">The log's topic.</param>
/// <param name="Position">Where the log stood.</param>
/// <param name="Before">The event at the offset after which was read, while the log holds it.</param>
/// <param name="Pieces">The events, in pieces that are written as they are.</param>
internal sealed record FramePage(Topic Topic, LogPosition Position, EventId? Before, FrameBatch[] Pieces)
{
    // Larger ones save nothing that can be measured, and would be kept apart by the garbage collector.
    private const int PieceBytes = 64 * 1024;

    /// <summary>The first event's offset; null where there is none.</summary>
    public long? FirstOffset => Pieces.Length == 0 ? null : Pieces[0].Frames[0].Id.Offset;

    public static FramePage Of(Topic topic, LogPage page)
    {
        var frames = new Frame[page.Events.Count];
        for (var i = 0; i < frames.Length; i++)
            frames[i] = Frame.Of(topic, page.Events[i], page.Position.End);
        return new FramePage(topic, page.Position, page.Before, FrameBatch.Split(frames, PieceBytes));
    }
}
