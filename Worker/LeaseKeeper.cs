using System.Diagnostics;
using EventStreams;
using Subtitles.Jobs;

namespace Worker;

/// <summary>
/// Renews a lease while its job runs, carries the progress along, and tells when to stop. A lease that could not be renewed counts as lost
/// as soon as it may have run out by this machine's clock, counted from before the call that gave it, so that this worker stops no later
/// than another may begin.
/// </summary>
internal sealed partial class LeaseKeeper : IAsyncDisposable
{
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(250);

    private readonly IJobQueue _queue;
    private readonly JobLease _lease;
    private readonly TimeSpan _duration;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _cancel = new();
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _stop;
    private volatile Progress _progress = new("queued", 0, null);
    private Task _loop = Task.CompletedTask;

    /// <param name="queue">The queue.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="claimedAt">A timestamp of <paramref name="time"/> from before the claim.</param>
    /// <param name="duration">How long a lease lasts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public LeaseKeeper(IJobQueue queue, JobLease lease, long claimedAt, TimeSpan duration, TimeProvider time, ILogger logger)
    {
        _queue = queue;
        _lease = lease;
        _duration = duration;
        _time = time;
        _logger = logger;
        _lost = new CancellationTokenSource(Remaining(claimedAt), time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(_lost.Token, _cancel.Token);
    }

    /// <summary>Set when the lease is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Set when the work must stop: the lease is lost, or a client wants the job canceled.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Whether a client wants the job canceled (and the lease is still held).</summary>
    public bool IsCancelRequested => _cancel.IsCancellationRequested && !_lost.IsCancellationRequested;

    /// <summary>Renews once, which finds out what changed while the job waited, and goes on renewing.</summary>
    public async Task StartAsync()
    {
        await RenewAsync();
        _loop = RenewLoopAsync();
    }

    /// <summary>What the next renewal tells the queue.</summary>
    public void Report(string stage, double percent, string? engine) => _progress = new Progress(stage, percent, engine);

    /// <summary>Tells the queue which engine works on the job, and returns when it knows: no cue is to be published before, or an attempt
    /// after this one could not go on with the same engine.</summary>
    /// <exception cref="LeaseLostException">The lease is lost.</exception>
    public async Task ReportEngineAsync(string engine)
    {
        Report("decode", 0, engine);
        if (await PersistAsync(token => _queue.RenewAsync(_lease, "decode", 0, engine, token)) == LeaseState.Lost)
        {
            MarkLost();
            throw new LeaseLostException("Another worker has taken the job over.");
        }
    }

    /// <summary>Tells the queue which language was found.</summary>
    /// <exception cref="LeaseLostException">The lease is lost.</exception>
    public async Task ReportLanguageAsync(string language)
    {
        if (await PersistAsync(token => _queue.KeepLanguageAsync(_lease, language, token)))
            return;
        MarkLost();
        throw new LeaseLostException("Another worker has taken the job over.");
    }

    /// <summary>Marks the lease as lost: the log refused the token.</summary>
    public void MarkLost() => _lost.Cancel();

    /// <summary>Ends renewing; the lease then lasts as long as it was last renewed for. To be called before the queue is told of the job's
    /// end, after which a renewal would only find it gone.</summary>
    public async Task StopRenewingAsync()
    {
        await _end.CancelAsync();
        await _loop;
    }

    /// <summary>Does something with the queue or the log, again and again while Redis cannot be reached and the lease is held.</summary>
    /// <exception cref="LeaseLostException">The lease ran out meanwhile.</exception>
    public async Task<T> PersistAsync<T>(Func<CancellationToken, Task<T>> action)
    {
        for (var delay = TimeSpan.FromMilliseconds(50); ; delay = delay * 2 < LongestInterval ? delay * 2 : LongestInterval)
        {
            try
            {
                return await action(Lost).WaitAsync(Lost);
            }
            catch (EventStreamUnavailableException e)
            {
                LogUnavailable(_lease.Job.Id.Value, e);
                await Task.Delay(delay, _time, Lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (Lost.IsCancellationRequested)
            {
                // Answered below.
            }
            if (Lost.IsCancellationRequested)
                throw new LeaseLostException("The lease ran out while Redis could not be reached.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopRenewingAsync();
        _stop.Dispose();
        _lost.Dispose();
        _cancel.Dispose();
        _end.Dispose();
    }

    private async Task RenewLoopAsync()
    {
        // Four renewals a second would hide everything else in the trace of a job.
        Activity.Current = null;
        var interval = _duration / 3 < LongestInterval ? _duration / 3 : LongestInterval;
        using var timer = new PeriodicTimer(interval, _time);
        try
        {
            while (!_lost.IsCancellationRequested && await timer.WaitForNextTickAsync(_end.Token))
                await RenewAsync();
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The job has ended.
        }
    }

    private async Task RenewAsync()
    {
        var progress = _progress;
        var before = _time.GetTimestamp();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_lost.Token, _end.Token);
            var state = await _queue
                .RenewAsync(_lease, progress.Stage, progress.Percent, progress.Engine, either.Token)
                .WaitAsync(either.Token);
            if (state == LeaseState.Lost)
            {
                await _lost.CancelAsync();
                return;
            }
            _lost.CancelAfter(Remaining(before));
            if (state == LeaseState.CancelRequested)
                await _cancel.CancelAsync();
        }
        catch (OperationCanceledException) when (_lost.IsCancellationRequested || _end.IsCancellationRequested)
        {
            // Nothing to renew any more.
        }
        catch (Exception e)
        {
            LogUnavailable(_lease.Job.Id.Value, e);
        }
    }

    private TimeSpan Remaining(long since)
    {
        var rest = _duration - _time.GetElapsedTime(since);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis cannot be reached for job {JobId}; trying again while the lease lasts.")]
    private partial void LogUnavailable(string jobId, Exception exception);

    private sealed record Progress(string Stage, double Percent, string? Engine);
}
