namespace EventStreams.Fanout;

/// <summary>
/// The newest frames of a topic on this replica. A position counts the frames that were ever appended, gap notices among them, so that it
/// only rises; a stream's place is a position, not a queue. It holds so many frames, and of those so many bytes, at the most. Offsets map
/// to positions by arithmetic within a run: the frames since the last gap. Not thread-safe: every call is made under <see cref="Gate"/>.
/// </summary>
internal sealed class FrameRing(int capacity, int maxBytes = int.MaxValue)
{
    private Frame[] _frames = new Frame[Math.Min(16, capacity)];
    private long _oldest;
    private long _bytes;
    private long _runStart;
    private EventId? _runBase;

    /// <summary>Guards the ring. Held for moments only, never over an await or a write.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The position that the next frame gets.</summary>
    public long Head { get; private set; }

    /// <summary>The oldest position still held.</summary>
    public long Oldest => _oldest;

    /// <summary>Where the frames begin that came while the replica followed the topic; those before it were read from the log to begin
    /// with.</summary>
    public long LiveFrom { get; private set; }

    /// <summary>Bytes of the frames held. Read without the gate.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The newest event that was appended or, right after a run's start, the position before its first; null for a topic without a
    /// log.</summary>
    public EventId? Tail { get; private set; }

    /// <summary>The end of the topic, while it is the newest event, held as a frame or not.</summary>
    public EventId? End { get; private set; }

    /// <summary>What is in the ring by now is history: it was there before the replica followed the topic.</summary>
    public void MarkLive() => LiveFrom = Head;

    public Frame this[long position] => _frames[position % _frames.Length];

    /// <summary>Starts a run after a position of the log, behind a gap notice where there is something to tell.</summary>
    /// <param name="after">The position; null where there is no log.</param>
    /// <param name="gap">The notice.</param>
    /// <param name="end">The topic's end, which counts where the run starts right behind it.</param>
    public void StartRun(EventId? after, Frame? gap, EventId? end = null)
    {
        if (gap is not null)
            Push(gap);
        _runStart = Head;
        _runBase = after;
        Tail = after;
        End = after is not null && after.Value.Offset == end?.Offset ? end : null;
    }

    /// <summary>Appends the event that follows the tail.</summary>
    public void Append(Frame frame)
    {
        if (Tail is not { } tail || frame.Id.Offset != tail.Offset + 1 || frame.Id.Epoch != tail.Epoch)
            throw new InvalidOperationException($"The frame {frame.Id} does not follow {Tail}.");
        // After an end, positions of the earlier run would lead a new stream through that end; a new run makes them unreachable.
        if (End is not null)
            StartRun(tail, gap: null);
        Push(frame);
        Tail = frame.Id;
        End = frame.Kind == FrameKind.End ? frame.Id : null;
    }

    /// <summary>The position of the first frame after a cursor. False when the ring does not reach back that far, cannot prove that the
    /// cursor belongs to it, or has nothing to come, as the topic has ended there.</summary>
    public bool TryLocate(EventId? cursor, out long position)
    {
        position = Head;
        if (Tail is null || _runBase is not { } runBase)
            return cursor is null;
        var seen = cursor ?? new EventId(runBase.Epoch, 0);
        if (seen.Epoch != runBase.Epoch || seen.Offset < runBase.Offset || seen.Offset > Tail.Value.Offset || seen.Offset == End?.Offset)
            return false;
        position = _runStart + (seen.Offset - runBase.Offset);
        if (seen.Offset == runBase.Offset)
            return position >= _oldest && runBase.IsSameEventAs(seen);
        return position > _oldest && this[position - 1].Id.IsSameEventAs(seen);
    }

    /// <summary>The frame of an offset in the current run, or null.</summary>
    public Frame? Find(long offset)
    {
        if (_runBase is not { } runBase || offset <= runBase.Offset || offset > Tail!.Value.Offset)
            return null;
        var position = _runStart + (offset - runBase.Offset - 1);
        return position >= _oldest ? this[position] : null;
    }

    private void Push(Frame frame)
    {
        if (Head - _oldest == _frames.Length && !TryGrow())
            DropOldest();
        while (_oldest < Head && _bytes + frame.Bytes.Chunk.Length > maxBytes)
            DropOldest();
        Volatile.Write(ref _bytes, _bytes + frame.Bytes.Chunk.Length);
        _frames[Head % _frames.Length] = frame;
        Head++;
    }

    private void DropOldest()
    {
        ref var oldest = ref _frames[_oldest++ % _frames.Length];
        Volatile.Write(ref _bytes, _bytes - oldest.Bytes.Chunk.Length);
        oldest = null!;
    }

    // Most topics are small: the ring starts small too.
    private bool TryGrow()
    {
        if (_frames.Length >= capacity)
            return false;
        var larger = new Frame[Math.Min(capacity, _frames.Length * 2)];
        for (var p = _oldest; p < Head; p++)
            larger[p % larger.Length] = _frames[p % _frames.Length];
        _frames = larger;
        return true;
    }
}
