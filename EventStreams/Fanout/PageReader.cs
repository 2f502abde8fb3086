using System.Collections.Concurrent;
using EventStreams.Log;

namespace EventStreams.Fanout;

/// <summary>Reads pages of a topic's log for the streams that are behind its ring.</summary>
/// <param name="topic">The topic.</param>
/// <param name="log">Its log.</param>
/// <param name="pageSize">Events in a page at the most.</param>
/// <param name="places">Bounds the reads that all topics of the replica have under way, so that a crowd leaves room for everybody else.</param>
internal sealed class PageReader(Topic topic, IEventLog log, int pageSize, SemaphoreSlim places)
{
    private readonly ConcurrentDictionary<(string? Epoch, long Offset), Task<FramePage>> _reads = new();

    /// <summary>Reads the page behind a cursor. Concurrent reads of the same page are one read.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public Task<FramePage> ReadAsync(EventId? cursor)
    {
        // By epoch too: whoever joins a read has a cursor that is no newer than the read, since the one who began it had the same.
        var key = (cursor?.Epoch, cursor?.Offset ?? 0);
        if (_reads.TryGetValue(key, out var running))
            return running;
        var completion = new TaskCompletionSource<FramePage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var read = _reads.GetOrAdd(key, completion.Task);
        if (read == completion.Task)
            _ = ReadOnceAsync(key, completion);
        return read;
    }

    private async Task ReadOnceAsync((string? Epoch, long Offset) key, TaskCompletionSource<FramePage> completion)
    {
        await places.WaitAsync();
        try
        {
            var page = FramePage.Of(topic, await log.ReadAsync(topic, key.Offset, pageSize));
            _reads.TryRemove(key, out _);
            completion.SetResult(page);
        }
        catch (Exception e)
        {
            _reads.TryRemove(key, out _);
            completion.SetException(e);
        }
        finally
        {
            places.Release();
        }
    }
}
