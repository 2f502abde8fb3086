namespace EventStreams.Fanout;

/// <summary>
/// Where a reader with a given cursor goes on in a log, and what it must be told first. The one place that decides about gaps, for a client
/// that comes back as for a replica that heals.
/// </summary>
/// <param name="StartAfter">The position after which to go on; null when there is no log, and its first event comes first.</param>
/// <param name="GapReason">One of the reasons of <see cref="StreamGap"/>, or null when nothing is missing.</param>
/// <param name="MissedFrom">First offset missed, where known.</param>
/// <param name="MissedTo">Last offset missed, where known.</param>
/// <param name="End">Set when the log no longer holds the <c>stream.end</c> that the reader must still be given.</param>
internal readonly record struct Resumption(EventId? StartAfter, string? GapReason, long? MissedFrom, long? MissedTo, EventId? End)
{
    /// <summary>Decides for a page that was read right after the cursor's offset.</summary>
    /// <param name="cursor">What the reader has seen last; null for nothing yet, which means every event.</param>
    /// <param name="position">Where the log stood.</param>
    /// <param name="held">The event at the cursor's offset, while the log holds it.</param>
    public static Resumption Resolve(EventId? cursor, LogPosition position, EventId? held)
    {
        if (position.Tail is not { } tail)
        {
            // No log. To a reader that had seen one, that is a loss; to a new one it is merely a topic without events yet.
            return cursor is null ? default : new Resumption(null, StreamGap.Epoch, null, null, null);
        }
        var first = position.FirstOffset;
        if (cursor is null)
            return first > 1 ? Trimmed(1, position) : new Resumption(new EventId(tail.Epoch, 0), null, null, null, null);
        var seen = cursor.Value;
        if (seen.Epoch != tail.Epoch)
        {
            var fresh = first > 1 ? Trimmed(1, position) : new Resumption(new EventId(tail.Epoch, 0), null, null, null, null);
            return fresh with { GapReason = StreamGap.Epoch };
        }
        if (seen.Offset > tail.Offset)
            return AtHead(StreamGap.Future, position);
        if (held is { } before && !before.IsSameEventAs(seen))
            return AtHead(StreamGap.Epoch, position);
        // Nothing comes behind an end: who stands there gets it again, to know why.
        if (held is not null)
            return seen.Offset == position.End?.Offset ? AtHead(null, position) : new Resumption(seen, null, null, null, null);
        // A place without a check needs no proof, and nothing between it and the end is missing.
        if (seen.Check == 0 && seen.Offset == tail.Offset - 1 && position.End?.Offset == tail.Offset && first > tail.Offset)
            return AtHead(null, position);
        return seen.Offset == 0 && first == 1 ? new Resumption(seen, null, null, null, null) : Trimmed(seen.Offset + 1, position);
    }

    /// <summary>Goes on from the log's newest event, whatever was before.</summary>
    public static Resumption AtHead(string? reason, LogPosition position)
    {
        if (position.Tail is not { } tail)
            return new Resumption(null, reason, null, null, null);
        return position.End is { } end && end.Offset == tail.Offset
            ? new Resumption(new EventId(tail.Epoch, tail.Offset - 1), reason, null, null, end)
            : new Resumption(tail, reason, null, null, null);
    }

    private static Resumption Trimmed(long missedFrom, LogPosition position)
    {
        var tail = position.Tail!.Value;
        var missedTo = position.FirstOffset - 1;
        if (missedTo < tail.Offset)
            return new Resumption(new EventId(tail.Epoch, missedTo), StreamGap.Trimmed, missedFrom, missedTo, null);
        var atHead = AtHead(StreamGap.Trimmed, position);
        return atHead with { MissedFrom = missedFrom, MissedTo = atHead.StartAfter!.Value.Offset };
    }

    /// <summary>What the reader gets for the page: a notice where there is something to tell, then the page's events if they follow, then
    /// an end that the log no longer holds. The same for a stream that is behind as for a ring.</summary>
    /// <param name="page">The page.</param>
    /// <param name="seen">What the reader has seen of an earlier epoch of the log, if anything.</param>
    /// <param name="snapshot">Where the state can be fetched, if anywhere.</param>
    public FrameBatch[] Pieces(FramePage page, SeenEvents? seen, string? snapshot)
    {
        // A page for a cursor that does not count any more begins somewhere else: the next read is made from where the reader goes on.
        var events =
            StartAfter is { } start && page.FirstOffset == start.Offset + 1 ? page.Pieces
            : End is { } end ? [FrameBatch.Of(Frame.OfEnd(page.Topic, end))]
            : [];
        return GapReason is null ? events : [FrameBatch.Of(Gap(page.Topic, seen, snapshot)), .. events];
    }

    private Frame Gap(Topic topic, SeenEvents? seen, string? snapshot)
    {
        var goesOnAfter = ResumeCursor(seen);
        return Frame.OfGap(
            new StreamGap(GapReason!, MissedFrom, MissedTo, goesOnAfter.ToString(), snapshot, topic.Name),
            goesOnAfter,
            EndsLife ? seen : null
        );
    }

    /// <summary>Whether what the reader has seen is of an epoch of the log, or of a part of it, that is over: producers may publish some of
    /// it again.</summary>
    public bool EndsLife => GapReason is StreamGap.Epoch or StreamGap.Future;

    /// <summary>
    /// Where the reader goes on. The place before a log's first event has no check of its own; it carries that of the last event that the
    /// reader saw in the epoch before, so that whichever replica the reader comes back to does not give it that event once more.
    /// </summary>
    public EventId ResumeCursor(SeenEvents? seen)
    {
        var place = StartAfter ?? Beginning;
        return place.Offset == 0 && seen is not null ? place with { Check = seen.Newest } : place;
    }

    /// <summary>The text form of a cursor; <c>0-0</c> is the place before the first event of a topic that has no log yet.</summary>
    public static string CursorText(EventId? cursor) => (cursor ?? Beginning).ToString();

    /// <summary>The place before the first event of whatever log there will be.</summary>
    public static readonly EventId Beginning = new("0", 0);
}

/// <summary>Tells the place before everything from others.</summary>
internal static class BeginningExtensions
{
    /// <summary>Whether the id is <see cref="Resumption.Beginning"/>, with or without a mark.</summary>
    public static bool IsBeginning(this EventId id) => id.Offset == 0 && id.Epoch == Resumption.Beginning.Epoch;
}
