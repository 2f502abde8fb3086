namespace EventStreams;

/// <summary>Publishes events to topics. Knows nothing of replicas, streams or clients.</summary>
/// <remarks>
/// Appending, trimming, time to live and the message on the topic's channel are one atomic step. Order: events of one caller are appended
/// in the order of the calls when each call is awaited; concurrent calls are ordered by the server, unless they demand an order (<see
/// cref="PublishOptions.InSequence"/>). Where the outcome is unknown (<see cref="EventStreamUnavailableException"/>),
/// repeat the call with the same <see cref="PublishOptions.ProducerId"/> and <see cref="PublishOptions.Sequence"/>: it makes no duplicate.
/// </remarks>
public interface IEventPublisher
{
    /// <summary>Publishes one event.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time; the event may or may not be in the
    /// log.</exception>
    /// <exception cref="ArgumentException">The type, payload size, producer or sequence is not valid.</exception>
    ValueTask<PublishResult> PublishAsync(
        Topic topic,
        EventMessage message,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>
    /// Publishes several events to one topic, in order, and contiguous in runs of a hundred, which are in flight together. One result an
    /// event. A call that fails has stored the events up to some place, and none behind it.
    /// </summary>
    /// <inheritdoc cref="PublishAsync(Topic, EventMessage, PublishOptions?, CancellationToken)" path="/exception"/>
    ValueTask<IReadOnlyList<PublishResult>> PublishAsync(
        Topic topic,
        IReadOnlyList<EventMessage> messages,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default
    );

    /// <summary>Ends a topic: appends <c>stream.end</c>. Ending an ended topic answers <see cref="PublishOutcome.Ended"/> and changes
    /// nothing. To repeat it safely where somebody else may open the topic again, give it a producer and a number.</summary>
    /// <inheritdoc cref="PublishAsync(Topic, EventMessage, PublishOptions?, CancellationToken)" path="/exception"/>
    ValueTask<PublishResult> EndAsync(Topic topic, PublishOptions? options = null, CancellationToken cancellationToken = default);
}
