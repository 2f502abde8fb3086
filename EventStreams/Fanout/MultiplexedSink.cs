using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>
/// One topic's part of a stream over several. It holds the frames that the topic's pump, or its replay, has handed over, until the next
/// write of the whole stream: at most two pieces, of which the second is one that its writer waits for.
/// </summary>
internal sealed class MultiplexedSink(Multiplexer stream, int index) : StreamSink
{
    private Piece? _piece;
    private Piece? _waiting;
    private TaskCompletionSource? _taken;

    /// <summary>The topic's index in the request.</summary>
    public int Index => index;

    /// <summary>Frames of the current piece that are written.</summary>
    public int Written { get; set; }

    /// <summary>What is to be written next. Guarded by the stream, as <see cref="Add"/> and <see cref="Next"/> are.</summary>
    public Piece? Current => _piece;

    // The whole stream's: that one topic waits says nothing, and one heartbeat is enough for all.
    public override long LastWriteAt
    {
        get => stream.LastWriteAt;
        set { }
    }

    public override bool IsClosed => stream.IsClosed;

    public override bool TryWrite(FrameBatch batch, SeenEvents? seen) =>
        stream.TryAdd(this, new Piece(batch, seen), isAwaited: false, out _);

    public override ValueTask WriteAsync(FrameBatch batch, SeenEvents? seen) =>
        stream.TryAdd(this, new Piece(batch, seen), isAwaited: true, out var taken) ? ValueTask.CompletedTask : new ValueTask(taken);

    public override bool TryWriteHeartbeat() => stream.TryAdd(this, new Piece(null, null), isAwaited: false, out _);

    public override ValueTask WriteHeartbeatAsync() =>
        stream.TryAdd(this, new Piece(null, null), isAwaited: true, out var taken) ? ValueTask.CompletedTask : new ValueTask(taken);

    public override bool TryWriteNotice(WireBytes block) => stream.TryAdd(this, new Piece(null, null, block), isAwaited: false, out _);

    public override void Abort() => stream.Abort();

    // All that is written through a topic's part has frames, is a notice, or a heartbeat.
    public override bool TryWrite(WireBytes bytes) => throw new NotSupportedException();

    public override ValueTask WriteAsync(WireBytes bytes) => throw new NotSupportedException();

    /// <summary>Takes a piece in; false when its writer must wait, for <paramref name="taken"/> or to be told as <see
    /// cref="StreamSink.Observer"/>.</summary>
    public bool Add(Piece piece, bool isAwaited, out Task taken)
    {
        taken = Task.CompletedTask;
        if (_piece is null)
        {
            _piece = piece;
            return true;
        }
        _waiting = piece;
        if (isAwaited)
            taken = (_taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        return false;
    }

    /// <summary>The current piece is done with, and the one that waits follows; the action, if any, tells its writer so, and is run outside
    /// the stream's gate.</summary>
    public Action? Next()
    {
        var hasWaited = _waiting is not null;
        (_piece, _waiting, Written) = (_waiting, null, 0);
        if (!hasWaited)
            return null;
        var taken = _taken;
        _taken = null;
        return taken is null ? Observer!.OnWritten : taken.SetResult;
    }

    /// <summary>Frames for a reader that has seen some of them already, a block without an id, or a heartbeat.</summary>
    internal readonly record struct Piece(FrameBatch? Batch, SeenEvents? Seen, WireBytes? Notice = null);
}
