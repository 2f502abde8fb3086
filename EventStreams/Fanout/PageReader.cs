using EventStreams.Log;

namespace EventStreams.Fanout;

/// <summary>Reads pages of a topic's log for the streams that are behind its ring.</summary>
/// <param name="topic">The topic.</param>
/// <param name="log">Its log.</param>
/// <param name="pageSize">Events in a page at the most.</param>
/// <param name="places">Bounds the reads that all topics of the replica have under way, so that a crowd leaves room for everybody else.</param>
internal sealed class PageReader(Topic topic, IEventLog log, int pageSize, SemaphoreSlim places)
{
    // Nearly all topics never need it.
    private Dictionary<(string? Epoch, long Offset), Task<FramePage>>? _reads;

    /// <summary>Reads the page behind a cursor. Concurrent reads of the same page are one read.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public Task<FramePage> ReadAsync(EventId? cursor)
    {
        // By epoch too: whoever joins a read has a cursor that is no newer than the read, since the one who began it had the same.
        var key = (cursor?.Epoch, cursor?.Offset ?? 0);
        lock (places)
        {
            _reads ??= [];
            if (_reads.TryGetValue(key, out var running))
                return running;
            var completion = new TaskCompletionSource<FramePage>(TaskCreationOptions.RunContinuationsAsynchronously);
            _reads.Add(key, completion.Task);
            _ = ReadOnceAsync(key, completion);
            return completion.Task;
        }
    }

    private async Task ReadOnceAsync((string? Epoch, long Offset) key, TaskCompletionSource<FramePage> completion)
    {
        await places.WaitAsync();
        try
        {
            var page = FramePage.Of(topic, await log.ReadAsync(topic, key.Offset, pageSize));
            Ended(key);
            completion.SetResult(page);
        }
        catch (Exception e)
        {
            Ended(key);
            completion.SetException(e);
        }
        finally
        {
            places.Release();
        }
    }

    private void Ended((string? Epoch, long Offset) key)
    {
        lock (places)
            _reads!.Remove(key);
    }
}
