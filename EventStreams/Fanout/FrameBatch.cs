namespace EventStreams.Fanout;

/// <summary>Consecutive frames of a ring as one piece of bytes, made once for all streams that stand at the same place.</summary>
internal sealed class FrameBatch
{
    private FrameBatch(long from, Frame[] frames, int size)
    {
        From = from;
        Frames = frames;
        Bytes = frames is [var only] ? only.Bytes : Join(frames, size);
    }

    /// <summary>The position of the first frame.</summary>
    public long From { get; }

    /// <summary>The position after the last frame.</summary>
    public long To => From + Frames.Length;

    public Frame[] Frames { get; }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Where a stream stands that has these frames; null for the beginning of a topic that has no log (any more).</summary>
    public EventId? Cursor => Frames[^1].Id == Resumption.Beginning ? null : Frames[^1].Id;

    /// <summary>Whether the topic ends with the last frame.</summary>
    public bool IsEnd => Frames[^1].Kind == FrameKind.End;

    public int EventCount => Frames.Length;

    /// <summary>Takes frames up to the head, at least one, at most so many bytes, and none behind an end. Called under the ring's gate.</summary>
    public static FrameBatch Of(FrameRing ring, long from, long head, int maxBytes)
    {
        var size = 0;
        var to = from;
        while (to < head && (to == from || size + ring[to].Bytes.Length <= maxBytes))
        {
            size += ring[to].Bytes.Length;
            if (ring[to++].Kind == FrameKind.End)
                break;
        }
        var frames = new Frame[to - from];
        for (var i = 0; i < frames.Length; i++)
            frames[i] = ring[from + i];
        return new FrameBatch(from, frames, size);
    }

    private static byte[] Join(Frame[] frames, int size)
    {
        var bytes = new byte[size];
        var at = 0;
        foreach (var frame in frames)
        {
            frame.Bytes.CopyTo(bytes, at);
            at += frame.Bytes.Length;
        }
        return bytes;
    }
}
