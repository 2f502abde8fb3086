namespace EventStreams.Client;

/// <summary>Sums since the client was made. Each can be read at any time; they are not one snapshot.</summary>
public sealed class StreamCounters
{
    private long _attempts;
    private long _connections;
    private long _events;
    private long _duplicates;
    private long _gaps;
    private long _discontinuities;
    private long _failures;
    private long _deadLinks;
    private long _bytes;

    /// <summary>Requests that were sent.</summary>
    public long Attempts => Volatile.Read(ref _attempts);

    /// <summary>Requests that were answered with a stream.</summary>
    public long Connections => Volatile.Read(ref _connections);

    /// <summary>Events returned.</summary>
    public long Events => Volatile.Read(ref _events);

    /// <summary>Events dropped because they had been here before.</summary>
    public long Duplicates => Volatile.Read(ref _duplicates);

    /// <summary>Gaps that a server told of.</summary>
    public long Gaps => Volatile.Read(ref _gaps);

    /// <summary>Times that an event did not follow the one before it though no gap was told: a breach of the server's promise.</summary>
    public long Discontinuities => Volatile.Read(ref _discontinuities);

    /// <summary>Connections that failed or broke; those that a server closed in order are not among them.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Those of <see cref="Failures"/> that were given up because no byte came.</summary>
    public long DeadLinks => Volatile.Read(ref _deadLinks);

    /// <summary>Bytes of streams received, comments included.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    internal void Attempted() => Interlocked.Increment(ref _attempts);

    internal void Connected() => Interlocked.Increment(ref _connections);

    internal void EventReturned() => Interlocked.Increment(ref _events);

    internal void DuplicateDropped() => Interlocked.Increment(ref _duplicates);

    internal void GapTold() => Interlocked.Increment(ref _gaps);

    internal void HoleFound() => Interlocked.Increment(ref _discontinuities);

    internal void Failed() => Interlocked.Increment(ref _failures);

    internal void FoundDead() => Interlocked.Increment(ref _deadLinks);

    internal void Received(int bytes) => Interlocked.Add(ref _bytes, bytes);
}
