namespace EventStreams;

/// <summary>Ends streams on all replicas, whoever serves them.</summary>
/// <remarks>
/// What was revoked is kept in Redis, with the time by its clock. Replicas are told at once (well below a second); one that the message
/// does not reach finds it in Redis when its connection is back, or at its next look, which it takes every
/// <see cref="EventStreamsOptions.TailCheckInterval"/>. Each stream is closed behind one <see cref="StreamEventTypes.Expired"/>.
/// <para>
/// From then on a credential that was issued before is refused (403): tickets by Redis' clock, others by the issue time that they tell,
/// and one that tells none, as an anonymous client's, for <see cref="StreamAccessOptions.RevocationTimeToLive"/>. A credential that is
/// issued later is for <see cref="IStreamAuthorizer"/> to judge.
/// </para>
/// </remarks>
public interface IEventStreamControl
{
    /// <summary>Ends the streams of a topic.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time: it may or may not have been carried out, and may
    /// be repeated.</exception>
    Task CloseAsync(Topic topic, CancellationToken cancellationToken = default);

    /// <summary>Ends the streams of a subject: the claim <c>sub</c>, or the name identifier, of whoever follows.</summary>
    /// <inheritdoc cref="CloseAsync(Topic, CancellationToken)" path="/exception"/>
    Task CloseAsync(string subject, CancellationToken cancellationToken = default);

    /// <summary>Forgets that a topic was revoked.</summary>
    /// <inheritdoc cref="CloseAsync(Topic, CancellationToken)" path="/exception"/>
    Task ReopenAsync(Topic topic, CancellationToken cancellationToken = default);

    /// <summary>Forgets that a subject was revoked.</summary>
    /// <inheritdoc cref="CloseAsync(Topic, CancellationToken)" path="/exception"/>
    Task ReopenAsync(string subject, CancellationToken cancellationToken = default);
}
