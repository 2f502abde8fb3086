namespace EventStreams;

/// <summary>A part of a topic's state, or all of it.</summary>
/// <param name="Position">Where the log stood when the part was read.</param>
/// <param name="AsOf">
/// What the whole state is of: a stream that goes on after this id misses nothing of what changes later, and repeats nothing of what the
/// state holds. It is the newest event or, where the topic has ended, the place before the end. Null for a topic without a log. All pages
/// of one reading have the same.
/// </param>
/// <param name="Events">The newest event of each key, in the order of their offsets; <see cref="StreamEvent.Key"/> is set.</param>
/// <param name="IsFirst">Whether the state begins here: what was read before is void. So is every page that was asked for after a cursor of
/// a log that is over.</param>
/// <param name="Next">Where the next page begins; null for the last.</param>
public sealed record StatePage(LogPosition Position, EventId? AsOf, IReadOnlyList<StreamEvent> Events, bool IsFirst, StateCursor? Next);

/// <summary>A place in a topic's state: what is behind it, a client has.</summary>
/// <param name="AsOf">What the state is of: see <see cref="StatePage.AsOf"/>.</param>
/// <param name="Offset">The offset of the last event that was read.</param>
public readonly record struct StateCursor(EventId AsOf, long Offset);
