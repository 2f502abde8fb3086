using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>Consecutive frames of a ring, or of a page of the log, as one piece of bytes, made once for all streams that stand at the same
/// place.</summary>
internal sealed class FrameBatch
{
    private Rest? _rest;
    private WireBytes? _bytes;

    private FrameBatch(long from, Frame[] frames)
    {
        From = from;
        Frames = frames;
        EventCount = frames.Length;
        foreach (var frame in frames)
        {
            if (frame.GapReason is null)
                continue;
            EventCount--;
            (GapReasons ??= []).Add(frame.GapReason);
        }
    }

    /// <summary>The position of the first frame.</summary>
    public long From { get; }

    /// <summary>The position after the last frame.</summary>
    public long To => From + Frames.Length;

    public Frame[] Frames { get; }

    /// <summary>The bytes of all of them.</summary>
    public WireBytes Bytes => _bytes ??= WireBytes.Join(Array.ConvertAll(Frames, static frame => frame.Bytes));

    /// <summary>Where a stream stands that has these frames; null for the beginning of a topic that has no log (any more).</summary>
    public EventId? Cursor => Frames[^1].Id.IsBeginning() ? null : Frames[^1].Id;

    /// <summary>Set when the last frame tells that an epoch of the log is over.</summary>
    public SeenEvents? Earlier => Frames[^1].Earlier;

    /// <summary>Whether the topic ends with the last frame.</summary>
    public bool IsEnd => Frames[^1].Kind == FrameKind.End;

    /// <summary>The events among the frames.</summary>
    public int EventCount { get; }

    /// <summary>The reasons of the gap notices among the frames; null where there are none, which is nearly always.</summary>
    public List<string>? GapReasons { get; }

    /// <summary>The bytes for a stream that has seen some of the events in an earlier epoch of the log. One piece for all that have seen
    /// the same.</summary>
    public WireBytes BytesFor(SeenEvents? seen) => seen is null ? Bytes : WithoutSeen(seen);

    /// <summary>Takes frames up to the head, at least one, at most so many bytes, and none behind an end or behind the end of an epoch of
    /// the log. Called under the ring's gate.</summary>
    public static FrameBatch Of(FrameRing ring, long from, long head, int maxBytes)
    {
        var size = 0;
        var to = from;
        while (to < head && (to == from || size + ring[to].Bytes.Plain.Length <= maxBytes))
        {
            size += ring[to].Bytes.Plain.Length;
            var last = ring[to++];
            if (last.Kind == FrameKind.End || last.Earlier is not null)
                break;
        }
        var frames = new Frame[to - from];
        for (var i = 0; i < frames.Length; i++)
            frames[i] = ring[from + i];
        return new FrameBatch(from, frames);
    }

    /// <summary>One frame.</summary>
    public static FrameBatch Of(Frame frame) => new(0, [frame]);

    /// <summary>Frames in pieces of at most so many bytes, but at least one frame.</summary>
    public static FrameBatch[] Split(Frame[] frames, int maxBytes)
    {
        var pieces = new List<FrameBatch>();
        for (int from = 0, to = 0; from < frames.Length; from = to)
        {
            for (var size = 0L; to < frames.Length && (to == from || size + frames[to].Bytes.Plain.Length <= maxBytes); to++)
                size += frames[to].Bytes.Plain.Length;
            pieces.Add(new FrameBatch(from, frames[from..to]));
        }
        return [.. pieces];
    }

    // Apart from the way of every delivery, which would otherwise pay for the closure.
    private WireBytes WithoutSeen(SeenEvents seen)
    {
        if (!Array.Exists(Frames, seen.Has))
            return Bytes;
        if (_rest is { } made && made.Seen == seen)
            return made.Bytes;
        var bytes = WireBytes.Join(Array.ConvertAll(Frames, frame => seen.Has(frame) ? frame.PlaceOnly() : frame.Bytes));
        _rest = new Rest(seen, bytes);
        return bytes;
    }

    // In one object, as several streams may ask at once.
    private sealed record Rest(SeenEvents Seen, WireBytes Bytes);
}
