using System.Text.Json;
using EventStreams;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Transcription;

namespace Worker;

/// <summary>
/// Runs one claimed job to its end: completed, failed, to be tried again, canceled, or handed back.
/// </summary>
/// <remarks>
/// <para>Two things change at a job's end, its topic and the queue, and a worker can die between them. What it leaves is put right by
/// whoever claims the job next:</para>
/// <list type="bullet">
/// <item><b>Completed, canceled, failed for good</b>: first the last event with the topic's end (one step of the log), then the queue. Died
/// before both: the lease expires, and the next attempt goes on after the last durable cue. Died between: the next claim finds the topic
/// ended, reads its last event, and tells the queue only that. The other order could leave viewers without an end forever.</item>
/// <item><b>To be tried again</b>: first the queue, which alone knows whether an attempt is left, then <c>job.retrying</c>. Died between:
/// the event is missing, and the <c>job.started</c>
/// of the next attempt tells viewers as much. Where the last attempt failed, as far as the settings tell, the order is that of a failure
/// for good.</item>
/// <item><b>Handed back</b> (shutdown): only the queue. Died before: the lease expires.</item>
/// <item><b>Deleted</b>: whoever deletes a job has its lease; what they leave undone is finished here (<see cref="JobRemoval"/>).</item>
/// <item><b>Lease lost</b>: nothing. Another worker has the job; the log refuses this one's token as soon as that one has published.</item>
/// </list>
/// <para>A job that is retried by hand has its topic opened again before it is ready (<see cref="JobCommands"/>), so a claimed job whose
/// topic has ended is always one of those.</para>
/// </remarks>
internal sealed partial class JobRunner(
    IJobQueue queue,
    IEventPublisher events,
    IEventLog log,
    TranscriberSelector selector,
    IMediaLocator media,
    JobRemoval removal,
    WorkerTelemetry telemetry,
    IOptions<JobsOptions> options,
    IOptions<WorkerOptions> worker,
    TimeProvider time,
    ILogger<JobRunner> logger
)
{
    // The event that ended the job, and stream.end behind it.
    private const int LastEvents = 2;

    // How long a failure waits for a shutdown to show: Ctrl+C in a terminal reaches the engine's process before this one has heard of it.
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs the job. Throws nothing: every way it can go ends here.</summary>
    /// <param name="lease">The claim.</param>
    /// <param name="claimedAt">A timestamp from before the claim.</param>
    /// <param name="stopping">The worker shuts down: the job is handed back.</param>
    public async Task RunAsync(JobLease lease, long claimedAt, CancellationToken stopping)
    {
        using var activity = WorkerTelemetry.StartJob(lease.Job);
        await using var keeper = new LeaseKeeper(queue, lease, claimedAt, options.Value.LeaseDuration, time, logger);
        var publisher = new JobPublisher(events, log, lease, keeper, time, logger);
        var attempt = new JobAttempt(lease, keeper, publisher, log, selector, media, telemetry, worker.Value.RealtimeSpeed, time);
        string outcome;
        try
        {
            await keeper.StartAsync();
            outcome = await RunAsync(lease, keeper, publisher, attempt, stopping);
        }
        catch (Exception e) when (keeper.Lost.IsCancellationRequested || e is LeaseLostException)
        {
            outcome = "lost";
            LogLost(lease.Job.Id.Value, e.Message);
            await CleanAsync(lease.Job);
        }
        catch (Exception e)
        {
            // The lease is left to expire, and another worker to go on.
            outcome = "broken";
            LogBroken(lease.Job.Id.Value, e);
        }
        activity?.SetTag("subtitles.job.outcome", outcome);
        telemetry.JobEnded(outcome, attempt.Engine);
        LogEnded(lease.Job.Id.Value, lease.Job.Attempts, outcome);
    }

    private async Task<string> RunAsync(
        JobLease lease,
        LeaseKeeper keeper,
        JobPublisher publisher,
        JobAttempt attempt,
        CancellationToken stopping
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(keeper.Stop, stopping);
        try
        {
            if (lease.Job.IsDeleted)
                return await DeleteAsync(lease, keeper);
            var tail = await keeper.PersistAsync(_ => log.ReadTailAsync(lease.Job.Id.Topic, LastEvents, stop.Token).AsTask());
            if (tail.Position.End is not null)
                return await SettleAsync(lease, keeper, FindEnd(tail));
            if (lease.IsCancelRequested || keeper.IsCancelRequested)
                return await CancelAsync(lease, keeper, publisher);
            if (lease.IsExhausted)
                return await GiveUpAsync(lease, keeper, publisher, lease.Job.Error ?? "Its worker stopped answering, at every attempt.");
            var cues = await attempt.RunAsync(stop.Token);
            await EndAsync(lease, keeper, publisher, JobEvents.Completed, new JobCompleted(lease.Job.Id, attempt.Engine!, cues));
            await EndInQueueAsync(keeper, token => queue.CompleteAsync(lease, token));
            return "completed";
        }
        catch (OperationCanceledException) when (keeper.IsCancelRequested)
        {
            return await CancelAsync(lease, keeper, publisher);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !keeper.Lost.IsCancellationRequested)
        {
            return await ReleaseAsync(lease, keeper);
        }
        // A cancel that nobody asked for is a limit that ran out somewhere: a failure like others.
        catch (Exception e)
            when (e is not LeaseLostException
                && !(e is OperationCanceledException && stop.IsCancellationRequested)
                && !keeper.Lost.IsCancellationRequested
            )
        {
            if (e is TranscriptionException { IsTransient: false })
                return await FailAsync(lease, keeper, publisher, e, canRetry: false);
            await Task.Delay(ShutdownGrace, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (keeper.IsCancelRequested)
                return await CancelAsync(lease, keeper, publisher);
            return stopping.IsCancellationRequested
                ? await ReleaseAsync(lease, keeper)
                : await FailAsync(lease, keeper, publisher, e, canRetry: true);
        }
    }

    /// <summary>Ends the job's topic; the cues that the log has lost come first, and a partial one, which nobody may rely on, is taken
    /// back.</summary>
    private async Task EndAsync<T>(JobLease lease, LeaseKeeper keeper, JobPublisher publisher, string type, T payload)
    {
        await keeper.PersistAsync(async token =>
        {
            await publisher.RestoreAsync(token);
            return true;
        });
        var state = await keeper.PersistAsync(token => log.ReadStateAsync(lease.Job.Id.Topic, token).AsTask());
        foreach (var partial in DurableCues.Read(state).Partials)
            await publisher.WithdrawAsync(partial);
        await publisher.EndAsync(type, payload);
    }

    private async Task<string> CancelAsync(JobLease lease, LeaseKeeper keeper, JobPublisher publisher)
    {
        await EndAsync(lease, keeper, publisher, JobEvents.Canceled, new JobCanceled(lease.Job.Id));
        await EndInQueueAsync(keeper, token => queue.CompleteCancelAsync(lease, token));
        return "canceled";
    }

    private async Task<string> DeleteAsync(JobLease lease, LeaseKeeper keeper)
    {
        await keeper.PersistAsync(async token =>
        {
            await removal.FinishAsync(lease, token);
            return true;
        });
        return "deleted";
    }

    /// <summary>A job that was deleted while its media was being fetched leaves none behind.</summary>
    private async Task CleanAsync(Job job)
    {
        try
        {
            if (await queue.GetAsync(job.Id, CancellationToken.None) is null)
                removal.DeleteMedia(job);
        }
        catch (EventStreamUnavailableException e)
        {
            LogNotCleaned(job.Id.Value, e.Message);
        }
    }

    private async Task<string> ReleaseAsync(JobLease lease, LeaseKeeper keeper)
    {
        await EndInQueueAsync(keeper, token => queue.ReleaseAsync(lease, token));
        return "released";
    }

    private async Task<string> FailAsync(JobLease lease, LeaseKeeper keeper, JobPublisher publisher, Exception failure, bool canRetry)
    {
        var isExpected = failure is TranscriptionException;
        var reason = isExpected ? failure.Message : "The worker met an unexpected error; its log says which.";
        if (isExpected)
            LogRefused(lease.Job.Id.Value, lease.Job.Attempts, reason, failure.InnerException?.Message);
        else
            LogFailed(lease.Job.Id.Value, lease.Job.Attempts, failure);
        if (!canRetry || lease.Job.Attempts >= options.Value.MaxAttempts)
            return await GiveUpAsync(lease, keeper, publisher, reason);
        if (await EndInQueueAsync(keeper, token => queue.FailAsync(lease, reason, canRetry, token)) is not { } result)
            throw new LeaseLostException("The lease was taken over.");
        if (result.WillRetry)
        {
            var retrying = new JobRetrying(lease.Job.Id, lease.Job.Attempts, reason, (long)result.Delay.TotalMilliseconds);
            await publisher.PublishAsync(JobEvents.Retrying, retrying, CancellationToken.None);
            return "retrying";
        }
        await EndAsync(lease, keeper, publisher, JobEvents.Failed, new JobFailed(lease.Job.Id, reason));
        return "failed";
    }

    private async Task<string> GiveUpAsync(JobLease lease, LeaseKeeper keeper, JobPublisher publisher, string reason)
    {
        await EndAsync(lease, keeper, publisher, JobEvents.Failed, new JobFailed(lease.Job.Id, reason));
        await EndInQueueAsync(keeper, token => queue.FailAsync(lease, reason, canRetry: false, token));
        return "failed";
    }

    /// <summary>Tells the queue how the job ended on its topic, for the worker that died before it could.</summary>
    private async Task<string> SettleAsync(JobLease lease, LeaseKeeper keeper, StreamEvent? end)
    {
        switch (end?.Type)
        {
            case JobEvents.Completed:
                await EndInQueueAsync(keeper, token => queue.CompleteAsync(lease, token));
                return "completed";
            case JobEvents.Canceled:
                await EndInQueueAsync(keeper, token => queue.CompleteCancelAsync(lease, token));
                return "canceled";
            default:
                var reason = end is null
                    ? null
                    : JsonSerializer.Deserialize<JobFailed>(end.Payload.Span, JsonSerializerOptions.Web)?.Reason;
                await EndInQueueAsync(
                    keeper,
                    token => queue.FailAsync(lease, reason ?? "The job's event stream was ended from outside.", canRetry: false, token)
                );
                return "failed";
        }
    }

    private static StreamEvent? FindEnd(LogPage tail) =>
        tail.Events.LastOrDefault(e => e.Type is JobEvents.Completed or JobEvents.Canceled or JobEvents.Failed);

    private static async Task<T> EndInQueueAsync<T>(LeaseKeeper keeper, Func<CancellationToken, Task<T>> end)
    {
        await keeper.StopRenewingAsync();
        return await keeper.PersistAsync(end);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Attempt {Attempt} at job {JobId} ended: {Outcome}.")]
    private partial void LogEnded(string jobId, int attempt, string outcome);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Attempt {Attempt} at job {JobId} failed: {Reason} ({Detail})")]
    private partial void LogRefused(string jobId, int attempt, string reason, string? detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Attempt {Attempt} at job {JobId} met an unexpected error.")]
    private partial void LogFailed(string jobId, int attempt, Exception failure);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Whether job {JobId} was deleted cannot be asked; its media, if there is any, is deleted by its age: {Reason}"
    )]
    private partial void LogNotCleaned(string jobId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of job {JobId} is lost: {Reason}")]
    private partial void LogLost(string jobId, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {JobId} could not be ended; its lease will expire and another worker go on.")]
    private partial void LogBroken(string jobId, Exception failure);
}
