using System.Collections.Concurrent;

namespace EventStreams.Fanout;

/// <summary>Reads of which several at the same time, for the same thing, are one.</summary>
/// <param name="places">Bounds the reads that are under way, so that a crowd leaves room for everybody else.</param>
/// <param name="read">Reads one thing.</param>
internal sealed class SharedReads<TKey, TResult>(SemaphoreSlim places, Func<TKey, Task<TResult>> read)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Task<TResult>> _reads = new();

    /// <summary>Reads, or joins a read that is under way.</summary>
    public Task<TResult> GetAsync(TKey key)
    {
        if (_reads.TryGetValue(key, out var running))
            return running;
        var completion = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = _reads.GetOrAdd(key, completion.Task);
        if (reading == completion.Task)
            _ = ReadOnceAsync(key, completion);
        return reading;
    }

    private async Task ReadOnceAsync(TKey key, TaskCompletionSource<TResult> completion)
    {
        await places.WaitAsync();
        try
        {
            var result = await read(key);
            _reads.TryRemove(key, out _);
            completion.SetResult(result);
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
