namespace EventStreams;

/// <summary>The streams of this replica.</summary>
public interface IEventStreamHub
{
    /// <summary>
    /// Subscribes to a topic ahead of its first stream, which then starts without waiting for Redis; as after a stream, the subscription is
    /// kept for
    /// <see cref="EventStreamsOptions.SubscriptionLinger"/>.
    /// </summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    Task WarmAsync(Topic topic, CancellationToken cancellationToken = default);

    /// <summary>
    /// Closes a share of the streams of every topic, each behind a jittered <c>retry</c>. Their clients resume without loss on whichever
    /// replica their next connection reaches, so that a replica that was started later gets streams again. A share that is not a whole
    /// number of streams is rounded at random, so that the sum over many topics is right.
    /// </summary>
    /// <param name="share">From 0, none, to 1, all.</param>
    /// <returns>How many streams are asked to close.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is below 0 or above 1.</exception>
    int CloseShare(double share);

    /// <summary>Whether the replica is shutting down: it takes no new streams.</summary>
    bool IsDraining { get; }

    /// <summary>Open streams.</summary>
    int StreamCount { get; }

    /// <summary>Topics that this replica is subscribed to.</summary>
    int TopicCount { get; }
}
