using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>Where the blocks of one topic's stream go. One writer at a time.</summary>
internal abstract class StreamSink
{
    private static readonly WireBytes Heartbeat = WireBytes.Of(SseEncoder.Heartbeat);

    /// <summary>Is told when a write that was pending has ended, well or badly.</summary>
    public IWriteObserver? Observer { get; set; }

    /// <summary>When the last write began, in <see cref="Environment.TickCount64"/> milliseconds. Set by whoever writes.</summary>
    public virtual long LastWriteAt { get; set; } = Environment.TickCount64;

    /// <summary>Whether the client has gone or a write has failed: nothing more can be written.</summary>
    public abstract bool IsClosed { get; }

    /// <summary>Writes bytes. True when they are handed over; false when the transport pushes back, and <see
    /// cref="IWriteObserver.OnWritten"/> follows.</summary>
    public abstract bool TryWrite(WireBytes bytes);

    /// <summary>Writes bytes and waits until they are handed over.</summary>
    public abstract ValueTask WriteAsync(WireBytes bytes);

    /// <summary>Writes frames, to a reader that has seen some of them already, as <see cref="TryWrite(WireBytes)"/> writes bytes.</summary>
    public virtual bool TryWrite(FrameBatch batch, SeenEvents? seen) => TryWrite(batch.BytesFor(seen));

    /// <summary>Writes frames, to a reader that has seen some of them already, and waits until they are handed over.</summary>
    public virtual ValueTask WriteAsync(FrameBatch batch, SeenEvents? seen) => WriteAsync(batch.BytesFor(seen));

    /// <summary>Writes a comment line, as <see cref="TryWrite(WireBytes)"/> writes bytes.</summary>
    public virtual bool TryWriteHeartbeat() => TryWrite(Heartbeat);

    /// <summary>Writes a comment line and waits until it is handed over.</summary>
    public virtual ValueTask WriteHeartbeatAsync() => WriteAsync(Heartbeat);

    /// <summary>Writes a block that has no id, as <see cref="TryWrite(WireBytes)"/> writes bytes.</summary>
    public virtual bool TryWriteNotice(WireBytes block) => TryWrite(block);

    /// <summary>Ends the body in order, where the server does not do it; nothing is written after it.</summary>
    public virtual void Complete() { }

    /// <summary>Breaks the connection.</summary>
    public abstract void Abort();
}

/// <summary>Waits for writes that a transport has not taken at once.</summary>
internal interface IWriteObserver
{
    /// <summary>The write that was pending has ended.</summary>
    void OnWritten();
}
