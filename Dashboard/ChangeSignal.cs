namespace Dashboard;

/// <summary>Tells that something has changed, never what: whoever waits asks again for all that it shows. Changes that come while nobody waits cost one addition.</summary>
public sealed class ChangeSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _next;
    private long _version;

    /// <summary>Grows with each change.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Something has changed.</summary>
    public void Raise()
    {
        TaskCompletionSource? next;
        lock (_lock)
        {
            _version++;
            (next, _next) = (_next, null);
        }

        next?.TrySetResult();
    }

    /// <summary>Waits until the version is another than the one last seen, at once if it is already, and returns it. Read the version before the data, so that no change is missed.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task<long> WaitAsync(long seen, CancellationToken cancellationToken)
    {
        Task next;
        lock (_lock)
        {
            if (_version != seen)
            {
                return _version;
            }

            next = (_next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Version;
    }
}
