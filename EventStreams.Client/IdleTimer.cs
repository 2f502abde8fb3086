namespace EventStreams.Client;

/// <summary>Notices that a connection has gone silent. It is armed only while something is awaited from the server, so that a caller who
/// takes long over a message does no harm.</summary>
internal sealed class IdleTimer : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _either;

    public IdleTimer(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silence.Token);
    }

    /// <summary>Ends what is awaited: by silence, or because the caller wants no more.</summary>
    public CancellationToken Token => _either.Token;

    public bool IsDead => _silence.IsCancellationRequested;

    public void Arm() => _silence.CancelAfter(_limit);

    public void Disarm() => _silence.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>What to say of a dead connection.</summary>
    public DeadLinkException Death(Exception? inner) =>
        new($"No byte came from the server for {_limit.TotalSeconds:0.###} s, so the connection was given up.", inner);

    public void Dispose()
    {
        _either.Dispose();
        _silence.Dispose();
    }
}

/// <summary>A connection without a byte for too long.</summary>
internal sealed class DeadLinkException(string message, Exception? inner) : IOException(message, inner);
