using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>Where the bytes of one stream go. One writer at a time.</summary>
internal abstract class StreamSink
{
    /// <summary>The stream whose sink this is; told when a write that was pending has ended, well or badly.</summary>
    public StreamConnection? Stream { get; set; }

    /// <summary>Whether the client has gone or a write has failed: nothing more can be written.</summary>
    public abstract bool IsClosed { get; }

    /// <summary>Writes bytes. True when they are handed over; false when the transport pushes back, and <see cref="StreamConnection.OnWritten"/> follows.</summary>
    public abstract bool TryWrite(WireBytes bytes);

    /// <summary>Writes bytes and waits until they are handed over.</summary>
    public abstract ValueTask WriteAsync(WireBytes bytes);

    /// <summary>Ends the body in order, where the server does not do it; nothing is written after it.</summary>
    public virtual void Complete()
    {
    }

    /// <summary>Breaks the connection.</summary>
    public abstract void Abort();
}
