namespace EventStreams.Bus;

/// <summary>One channel on one connection: who listens, and whether the server has acknowledged.</summary>
/// <remarks>Guarded by its subscriber, but for <see cref="Listeners"/>, which is replaced as a whole.</remarks>
internal sealed class ChannelSubscription(string channel)
{
    private TaskCompletionSource? _acknowledged;

    public string Channel => channel;

    /// <summary>Whom to pass messages to: one feed as a rule, two for the moment in which one follows another.</summary>
    public Action<ReadOnlyMemory<byte>>[] Listeners { get; private set; } = [];

    /// <summary>SUBSCRIBE commands on their way whose acknowledgement has not come.</summary>
    public int Unacknowledged { get; private set; }

    /// <summary>Whether a command has ever been sent on the present connection.</summary>
    public bool IsRequested { get; set; }

    public void Add(Action<ReadOnlyMemory<byte>> listener) => Listeners = [.. Listeners, listener];

    public void Remove(Action<ReadOnlyMemory<byte>> listener) => Listeners = [.. Listeners.Where(l => l != listener)];

    /// <summary>A SUBSCRIBE is being sent.</summary>
    public void Requested()
    {
        IsRequested = true;
        Unacknowledged++;
    }

    /// <summary>The connection is gone, and with it every acknowledgement.</summary>
    public void Reset()
    {
        IsRequested = false;
        Unacknowledged = 0;
    }

    /// <summary>An acknowledgement has come. True when it was the last one that was awaited.</summary>
    public bool Acknowledge()
    {
        if (Unacknowledged == 0 || --Unacknowledged > 0)
            return false;
        _acknowledged?.TrySetResult();
        _acknowledged = null;
        return true;
    }

    /// <summary>Ends when the server has acknowledged.</summary>
    public Task WhenAcknowledged() => IsRequested && Unacknowledged == 0
        ? Task.CompletedTask
        : (_acknowledged ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
