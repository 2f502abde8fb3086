using EventStreams.Log;
using EventStreams.Wire;

namespace EventStreams.Fanout;

/// <summary>Reads pages of a topic's log, and of its state, for the streams that are behind its ring.</summary>
/// <param name="topic">The topic.</param>
/// <param name="log">Its log.</param>
/// <param name="pageSize">Events in a page at the most.</param>
/// <param name="places">Bounds the reads that all topics of the replica have under way.</param>
internal sealed class PageReader(Topic topic, IEventLog log, int pageSize, SemaphoreSlim places)
{
    // Nearly all topics never need them. By epoch too: whoever joins a read has a cursor that is no newer than the read, since the one who
    // began it had the same.
    private SharedReads<(string? Epoch, long Offset), FramePage>? _pages;
    private SharedReads<StateCursor, StatePart>? _states;

    /// <summary>Reads the page behind a cursor. Concurrent reads of the same page are one read.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public Task<FramePage> ReadAsync(EventId? cursor) =>
        LazyInitializer
            .EnsureInitialized(
                ref _pages,
                () => new(places, async key => FramePage.Of(topic, await log.ReadAsync(topic, key.Offset, pageSize)))
            )
            .GetAsync((cursor?.Epoch, cursor?.Offset ?? 0));

    /// <summary>Reads the part of the state behind a cursor. Concurrent reads of the same part are one read.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public Task<StatePart> ReadStateAsync(StateCursor after) =>
        LazyInitializer
            .EnsureInitialized(
                ref _states,
                () =>
                    new(
                        places,
                        async place => StatePart.Of(topic, await log.ReadStateAsync(topic, place.IsStart() ? null : place, pageSize))
                    )
            )
            .GetAsync(after);
}
