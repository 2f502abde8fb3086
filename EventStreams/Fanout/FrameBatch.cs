using EventStreams.Http;

namespace EventStreams.Fanout;

/// <summary>Consecutive frames of a ring as one piece of bytes, made once for all streams that stand at the same place.</summary>
internal sealed class FrameBatch
{
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
    public EventId? Cursor => Frames[^1].Id == Resumption.Beginning ? null : Frames[^1].Id;

    /// <summary>Whether the topic ends with the last frame.</summary>
    public bool IsEnd => Frames[^1].Kind == FrameKind.End;

    /// <summary>The events among the frames.</summary>
    public int EventCount { get; }

    /// <summary>The reasons of the gap notices among the frames; null where there are none, which is nearly always.</summary>
    public List<string>? GapReasons { get; }

    /// <summary>Takes frames up to the head, at least one, at most so many bytes, and none behind an end. Called under the ring's gate.</summary>
    public static FrameBatch Of(FrameRing ring, long from, long head, int maxBytes)
    {
        var size = 0;
        var to = from;
        while (to < head && (to == from || size + ring[to].Bytes.Plain.Length <= maxBytes))
        {
            size += ring[to].Bytes.Plain.Length;
            if (ring[to++].Kind == FrameKind.End)
                break;
        }
        var frames = new Frame[to - from];
        for (var i = 0; i < frames.Length; i++)
            frames[i] = ring[from + i];
        return new FrameBatch(from, frames);
    }
}
