namespace EventStreams.Bus;

/// <summary>One channel on one connection: who listens, and whether the server has acknowledged.</summary>
/// <remarks>Guarded by its subscriber, but for <see cref="Listeners"/>, which is replaced as a whole. A connection has a number; what was
/// sent on an earlier one counts no more.</remarks>
internal sealed class ChannelSubscription(string channel)
{
    private TaskCompletionSource? _acknowledged;
    private int _connection;
    private int _unacknowledged;

    public string Channel => channel;

    /// <summary>Whom to pass messages to: one feed as a rule, two for the moment in which one follows another.</summary>
    public Action<ReadOnlyMemory<byte>>[] Listeners { get; private set; } = [];

    public void Add(Action<ReadOnlyMemory<byte>> listener) => Listeners = [.. Listeners, listener];

    public void Remove(Action<ReadOnlyMemory<byte>> listener) => Listeners = [.. Listeners.Where(l => l != listener)];

    /// <summary>Whether a SUBSCRIBE was sent on the connection, and not refused.</summary>
    public bool IsRequestedOn(int connection) => _connection == connection;

    /// <summary>Whether acknowledgements are on their way on the connection.</summary>
    public bool IsAwaitedOn(int connection) => _connection == connection && _unacknowledged > 0;

    /// <summary>A SUBSCRIBE is being sent.</summary>
    public void Requested(int connection)
    {
        _unacknowledged = _connection == connection ? _unacknowledged + 1 : 1;
        _connection = connection;
    }

    /// <summary>The server has refused the channel, or given it up.</summary>
    public void Lost() => _connection = 0;

    /// <summary>An acknowledgement has come.</summary>
    public void Acknowledged(int connection)
    {
        if (!IsAwaitedOn(connection) || --_unacknowledged > 0)
            return;
        _acknowledged?.TrySetResult();
        _acknowledged = null;
    }

    /// <summary>Ends when the server has acknowledged, be it on a later connection.</summary>
    public Task WhenAcknowledged(int connection) =>
        IsRequestedOn(connection) && !IsAwaitedOn(connection)
            ? Task.CompletedTask
            : (_acknowledged ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
