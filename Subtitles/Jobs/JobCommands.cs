using System.Diagnostics;
using EventStreams;

namespace Subtitles.Jobs;

/// <summary>What clients can do with jobs. Each command changes the queue and tells the job's topic, in an order in which a crash between
/// the two loses nothing.</summary>
/// <remarks>
/// <para><b>Submit</b> publishes <c>job.queued</c>, then enqueues. The other way round a worker could publish <c>job.started</c> first. A
/// crash in between leaves a topic whose random id nobody was told, and that expires; the client got no answer and submits again.</para>
/// <para><b>Cancel</b> of a waiting job takes its lease, publishes <c>job.canceled</c> with the lease's token and ends the topic, then ends
/// the job. A crash at any point leaves a lease that expires: the next worker gets the job, marked as canceled, and finishes the same
/// steps, each of which is harmless when repeated. No worker can begin the job meanwhile, and one that lost it earlier is fenced off the
/// topic.</para>
/// <para><b>Retry</b> reopens the topic with <c>job.queued</c>, then makes the job ready. The other way round a worker could meet an ended
/// topic, and take the job for done. A crash in between leaves the job as it was and its topic open; the client got no answer and retries
/// again, and the event, whose sequence number comes from the job's count of retries, is not duplicated. The same holds for two clients who
/// retry at once.</para>
/// </remarks>
public sealed class JobCommands(IJobQueue queue, IEventPublisher publisher)
{
    private const string Producer = "api";
    private static readonly ActivitySource Source = new("Subtitles");

    /// <summary>Submits a job, once per idempotency key.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time. The job may have been submitted; with an
    /// idempotency key the call can be repeated.</exception>
    /// <exception cref="JobQuotaException">The owner has too many jobs, or too many bytes stored.</exception>
    public async Task<SubmitResult> SubmitAsync(JobRequest request, string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (
            idempotencyKey is not null
            && await queue.FindByIdempotencyKeyAsync(request.Owner, idempotencyKey, cancellationToken) is { } earlier
        )
            return new SubmitResult(earlier, Created: false);

        // Before anything is published: what is refused leaves nothing behind.
        await queue.CheckQuotaAsync(request.Owner, request.StoredBytes, cancellationToken);
        var id = JobId.Create();
        // What the worker's span hangs on: the job carries it through the queue.
        using var activity = Source.StartActivity("job.submit", ActivityKind.Producer)?.SetTag("subtitles.job.id", id.Value);
        await PublishQueuedAsync(id, request, retries: 0, reopen: false, cancellationToken);
        var (job, created) = await queue.EnqueueAsync(id, request, idempotencyKey, cancellationToken);
        return new SubmitResult(job, created);
    }

    /// <summary>Cancels a job: a waiting one at once, a running one within a second. The outcome is never <see
    /// cref="CancelOutcome.Leased"/> for a job that could not be ended.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time. The call can be repeated.</exception>
    public async Task<CancelResult> CancelAsync(JobId id, CancellationToken cancellationToken)
    {
        var result = await queue.CancelAsync(id, Producer, cancellationToken);
        if (result is not { Outcome: CancelOutcome.Leased, Lease: { } lease })
            return result;

        await publisher.PublishAsync(
            id.Topic,
            EventMessage.Json(JobEvents.Canceled, new JobCanceled(id)),
            new PublishOptions { FencingToken = lease.Token, End = true },
            cancellationToken
        );
        await queue.CompleteCancelAsync(lease, cancellationToken);
        return result with { Job = await queue.GetAsync(id, cancellationToken) ?? result.Job };
    }

    /// <summary>Makes a failed or canceled job ready again. Null when there is no such job; unchanged when it is in another
    /// state.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time. The call can be repeated.</exception>
    public async Task<(Job Job, bool Changed)?> RetryAsync(JobId id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await queue.GetAsync(id, cancellationToken) is not { } job)
                return null;
            if (job.Status is not (JobStatus.Failed or JobStatus.Canceled))
                return (job, false);
            // Before the topic is opened: behind a refusal nobody would end it again.
            await queue.CheckQuotaAsync(job.Request.Owner, 0, cancellationToken);
            await PublishQueuedAsync(id, job.Request, job.Retries + 1, reopen: true, cancellationToken);
            var answer = await queue.RetryAsync(id, job.Retries, cancellationToken);
            // Another retry came first, and has ended the topic again: a worker would take the job for done.
            if (answer is not { Changed: false, Job.Status: JobStatus.Failed or JobStatus.Canceled })
                return answer;
        }
    }

    private async Task PublishQueuedAsync(JobId id, JobRequest request, int retries, bool reopen, CancellationToken cancellationToken) =>
        await publisher.PublishAsync(
            id.Topic,
            EventMessage.Json(JobEvents.Queued, new JobQueued(id, request.Title, request.PublicSource, request.Language)),
            new PublishOptions
            {
                ProducerId = Producer,
                Sequence = 1 + retries,
                Reopen = reopen,
            },
            cancellationToken
        );
}

/// <summary>The answer to a submit.</summary>
/// <param name="Job">The new job, or the one that the idempotency key had made before.</param>
/// <param name="Created">Whether it is new.</param>
public readonly record struct SubmitResult(Job Job, bool Created);
