namespace EventStreams;

/// <summary>Reads the ordered logs of topics. The log is the truth: everything a client is told comes from it.</summary>
public interface IEventLog
{
    /// <summary>Where the log of a topic stands.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time, or the topic's position is
    /// damaged.</exception>
    ValueTask<LogPosition> GetPositionAsync(Topic topic, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads up to <paramref name="limit"/> events with an offset above <paramref name="afterOffset"/>, oldest first and without gaps,
    /// together with the log's position at that instant. Where older ones were trimmed, the page begins with the oldest held: compare its
    /// first offset, or <see cref="LogPosition.FirstOffset"/>. It has fewer events than asked for, but at least one,
    /// where they would have more bytes than <see cref="EventStreamsOptions.PageBytes"/>: there is more as long as its last offset is below
    /// the position's tail. An entry that cannot be read stands in its place as a <c>stream.gap</c> with the reason <see
    /// cref="StreamGap.Damaged"/>.
    /// </summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time, or the topic's position is
    /// damaged.</exception>
    ValueTask<LogPage> ReadAsync(Topic topic, long afterOffset, int limit, CancellationToken cancellationToken = default);

    /// <summary>Reads the newest <paramref name="count"/> events (fewer where fewer are held, or more bytes would be read than <see
    /// cref="EventStreamsOptions.PageBytes"/>), oldest first.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time, or the topic's position is
    /// damaged.</exception>
    ValueTask<LogPage> ReadTailAsync(Topic topic, int count, CancellationToken cancellationToken = default);

    /// <summary>Reads up to <paramref name="limit"/> events with an offset below <paramref name="beforeOffset"/>: the newest of them,
    /// oldest first. Bounded in bytes as the other reads are.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time, or the topic's position is
    /// damaged.</exception>
    ValueTask<LogPage> ReadBeforeAsync(Topic topic, long beforeOffset, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// The whole state at one instant: the newest event of every <see cref="EventMessage.Key"/>. It is one step for Redis, however large:
    /// where a topic may have very many keys, read it in pages.
    /// </summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time, or the topic's position is
    /// damaged.</exception>
    ValueTask<StatePage> ReadStateAsync(Topic topic, CancellationToken cancellationToken = default);

    /// <summary>
    /// A page of the state: up to <paramref name="limit"/> keys, and not more bytes than <see cref="EventStreamsOptions.PageBytes"/> but at
    /// least one key. Begin without a cursor and go on with <see cref="StatePage.Next"/>. Keys that are set or removed between two pages
    /// are left out of those that follow: their events come after <see cref="StatePage.AsOf"/>, with which the state is exact.
    /// </summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time, or the topic's position is
    /// damaged.</exception>
    ValueTask<StatePage> ReadStateAsync(Topic topic, StateCursor? after, int limit, CancellationToken cancellationToken = default);
}

/// <summary>Where a log stands at one instant.</summary>
/// <param name="Tail">The newest event's id; null for a topic that has never been published to (or has expired whole).</param>
/// <param name="FirstOffset">The oldest offset that is still offered; one past the tail when none is.</param>
/// <param name="End">The id of <c>stream.end</c>, or null while the topic is open.</param>
public readonly record struct LogPosition(EventId? Tail, long FirstOffset, EventId? End);

/// <summary>A run of events, and where the log stood when they were read.</summary>
/// <param name="Position">Where the log stood.</param>
/// <param name="Before">The id of the event just before the run (at the offset after which it was asked for), while the log holds it: the
/// proof that a cursor belongs to this log.</param>
/// <param name="Events">The events.</param>
public sealed record LogPage(LogPosition Position, EventId? Before, IReadOnlyList<StreamEvent> Events);
