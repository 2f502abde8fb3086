using System.Threading.Channels;
using StackExchange.Redis;

namespace Subtitles.Jobs;

/// <summary>Listens for jobs that become ready, so that an idle worker starts at once and not at its next look.</summary>
internal sealed class JobWakeUp(IConnectionMultiplexer connection, JobKeys keys, TimeProvider time)
{
    // One entry for each job announced and not yet waited for: several loops of one worker then wake for several jobs. What does not fit is
    // found by looking.
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private int _isSubscribed;

    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(
            static source => ((CancellationTokenSource)source!).Cancel(),
            limited,
            limit,
            Timeout.InfiniteTimeSpan
        );
        try
        {
            await SubscribeAsync(limited.Token);
            await _signals.Reader.ReadAsync(limited.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The limit is over.
        }
    }

    private async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isSubscribed, 1) == 1)
            return;
        try
        {
            await connection
                .GetSubscriber()
                .SubscribeAsync(keys.WakeUp, (_, _) => _signals.Writer.TryWrite(true))
                .WaitAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            // The next wait tries again; until then the caller's own looks find the jobs.
            Volatile.Write(ref _isSubscribed, 0);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Volatile.Write(ref _isSubscribed, 0);
            throw;
        }
    }
}
