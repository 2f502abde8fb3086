using EventStreams;

namespace Tests.Fixtures;

/// <summary>A log whose reads are counted, and held until they are let go.</summary>
internal sealed class HeldEventLog(IEventLog log) : IEventLog
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isHolding;
    private int _reads;

    public int Reads => Volatile.Read(ref _reads);

    public void Hold() => _isHolding = true;

    public void LetGo() => _release.TrySetResult();

    public ValueTask<LogPosition> GetPositionAsync(Topic topic, CancellationToken cancellationToken = default) =>
        log.GetPositionAsync(topic, cancellationToken);

    public async ValueTask<LogPage> ReadAsync(Topic topic, long afterOffset, int limit, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _reads);
        if (_isHolding)
            await _release.Task;
        return await log.ReadAsync(topic, afterOffset, limit, cancellationToken);
    }

    public ValueTask<LogPage> ReadTailAsync(Topic topic, int count, CancellationToken cancellationToken = default) =>
        log.ReadTailAsync(topic, count, cancellationToken);

    public ValueTask<LogPage> ReadBeforeAsync(Topic topic, long beforeOffset, int limit, CancellationToken cancellationToken = default) =>
        log.ReadBeforeAsync(topic, beforeOffset, limit, cancellationToken);

    public ValueTask<StatePage> ReadStateAsync(Topic topic, CancellationToken cancellationToken = default) =>
        log.ReadStateAsync(topic, cancellationToken);

    public ValueTask<StatePage> ReadStateAsync(Topic topic, StateCursor? after, int limit, CancellationToken cancellationToken = default) =>
        log.ReadStateAsync(topic, after, limit, cancellationToken);
}
