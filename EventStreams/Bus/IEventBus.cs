namespace EventStreams.Bus;

/// <summary>
/// The bell: tells a replica that a topic has a new entry, and brings the entry along. Messages may be lost (a broken connection, an overrun buffer, a failover);
/// whoever listens notices by the offsets and reads the log.
/// </summary>
internal interface IEventBus
{
    /// <summary>
    /// Subscribes to a topic's channel; when the task has completed, the server has acknowledged, and every entry published from then on is passed to
    /// <paramref name="onEntry"/>, one after the other in the order of the channel, unless it is lost. The memory is
    /// valid during the call only. Disposing unsubscribes.
    /// </summary>
    /// <exception cref="EventStreamUnavailableException">The server did not acknowledge in time.</exception>
    ValueTask<IAsyncDisposable> SubscribeAsync(Topic topic, Action<ReadOnlyMemory<byte>> onEntry, CancellationToken cancellationToken);

    /// <summary>Raised when messages may have been lost on every subscription; the argument names the cause: <c>restored</c>, <c>slot-moved</c>.</summary>
    event Action<string>? Disturbed;
}
