using EventStreams.Publishing;

namespace EventStreams.Fanout;

/// <summary>
/// What a reader has seen of an epoch of the log that is over. A producer that never got the answer to its last publish repeats it in the
/// new epoch, where the log does not know it any more; by its check, which is the same in every epoch, it is kept from those who have seen
/// it, and reaches those who have not.
/// </summary>
internal sealed class SeenEvents
{
    // More than can be under way at once: an event with an answer is not published again.
    private const int Most = 256;

    private readonly HashSet<uint> _checks;

    private SeenEvents(HashSet<uint> checks, uint newest) => (_checks, Newest) = (checks, newest);

    /// <summary>The check of the newest of them.</summary>
    public uint Newest { get; }

    /// <summary>Everything that the ring has of the epoch that ended; null when no producer could repeat any of it. Called under the ring's
    /// gate.</summary>
    public static SeenEvents? Of(FrameRing ring) => Of(ring, null);

    /// <summary>What a reader with a cursor of an earlier epoch has seen, as far as it is known here: the event of the cursor itself always
    /// is. Called under the ring's gate.</summary>
    public static SeenEvents? Of(FrameRing ring, EventId? cursor)
    {
        HashSet<uint>? checks = null;
        var newest = 0u;
        for (var position = Math.Max(ring.Oldest, ring.Head - Most); position < ring.Head; position++)
        {
            var frame = ring[position];
            if (frame.Kind == FrameKind.Event && (cursor is not { } seen || frame.Id.Epoch == seen.Epoch && frame.Id.Offset <= seen.Offset))
                Add(frame.Id.Check);
        }
        if (cursor is { } last)
            Add(last.Check);
        return checks is null ? null : new SeenEvents(checks, newest);

        void Add(uint check)
        {
            if (!EventIds.IsRepeatable(check))
                return;
            (checks ??= []).Add(check);
            newest = check;
        }
    }

    /// <summary>The one event that a cursor at the beginning of a log names, if any: see <see cref="Resumption.ResumeCursor"/>.</summary>
    public static SeenEvents? OfBeginning(EventId? cursor) =>
        cursor is { Offset: 0 } mark && EventIds.IsRepeatable(mark.Check) ? new SeenEvents([mark.Check], mark.Check) : null;

    /// <summary>Whether the frame is one of them, published again.</summary>
    public bool Has(Frame frame) =>
        frame.Kind == FrameKind.Event && EventIds.IsRepeatable(frame.Id.Check) && _checks.Contains(frame.Id.Check);
}
