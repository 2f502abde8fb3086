using EventStreams.Http;

namespace EventStreams.Fanout;

/// <summary>Consecutive frames of a ring as one piece of bytes, made once for all streams that stand at the same place.</summary>
internal sealed class FrameBatch
{
    private EarlierEvents? _leftOut;
    private WireBytes? _rest;

    private FrameBatch(long from, Frame[] frames)
    {
        From = from;
        Frames = frames;
        Bytes = WireBytes.Join(Array.ConvertAll(frames, frame => frame.Bytes));
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

    public WireBytes Bytes { get; }

    /// <summary>Where a stream stands that has these frames; null for the beginning of a topic that has no log (any more).</summary>
    public EventId? Cursor => Frames[^1].Id.IsBeginning() ? null : Frames[^1].Id;

    /// <summary>Set when the last frame tells that a life of the log is over.</summary>
    public EarlierEvents? Earlier => Frames[^1].Earlier;

    /// <summary>Whether the topic ends with the last frame.</summary>
    public bool IsEnd => Frames[^1].Kind == FrameKind.End;

    /// <summary>The events among the frames.</summary>
    public int EventCount { get; }

    /// <summary>The reasons of the gap notices among the frames; null where there are none, which is nearly always.</summary>
    public List<string>? GapReasons { get; }

    /// <summary>The bytes for a stream that has seen some of the events in an earlier life of the log. One piece for all that have seen the same.</summary>
    public WireBytes BytesFor(EarlierEvents? seen) => seen is null ? Bytes : WithoutSeen(seen);

    /// <summary>Takes frames up to the head, at least one, at most so many bytes, and none behind an end or behind the end of a life of the log. Called under the ring's gate.</summary>
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

    // Apart from the way of every delivery, which would otherwise pay for the closure.
    private WireBytes WithoutSeen(EarlierEvents seen)
    {
        if (!Array.Exists(Frames, seen.Has))
            return Bytes;
        if (_leftOut != seen)
            (_leftOut, _rest) = (seen, WireBytes.Join(Array.ConvertAll(Frames, frame => seen.Has(frame) ? frame.PlaceOnly() : frame.Bytes)));
        return _rest!;
    }
}
