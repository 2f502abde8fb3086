namespace EventStreams;

/// <summary>The streams of this replica.</summary>
public interface IEventStreamHub
{
    /// <summary>
    /// Subscribes to a topic ahead of its first stream, which then starts without waiting for Redis; as after a stream, the subscription is kept for
    /// <see cref="EventStreamsOptions.SubscriptionLinger"/>.
    /// </summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    Task WarmAsync(Topic topic, CancellationToken cancellationToken = default);

    /// <summary>Whether the replica is shutting down: it takes no new streams.</summary>
    bool IsDraining { get; }

    /// <summary>Open streams.</summary>
    int StreamCount { get; }

    /// <summary>Topics that this replica is subscribed to.</summary>
    int TopicCount { get; }
}
