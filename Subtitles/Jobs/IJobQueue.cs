using EventStreams;

namespace Subtitles.Jobs;

/// <summary>
/// The queue of jobs on Redis: at-least-once delivery to one worker at a time. A claim gives a lease, which must be renewed, and a fencing
/// token that rises with every claim of the job; a call with an outdated token changes nothing and says so. Every change is one atomic
/// script.
/// </summary>
/// <remarks>
/// The queue publishes nothing. Every end of a job is announced on its topic by whoever holds its lease, before the lease is given up: so a
/// crash in between leaves an expired lease and never a silent topic. Every method throws <see cref="EventStreamUnavailableException"/>
/// when Redis could not be reached in time; the change may or may not have been made then, and the same call may be repeated: a repeat
/// answers as the first would have, as long as no other caller changed the job since. Leases are counted by the callers' clocks, so these
/// should agree to within a fraction of the lease's duration. Where they do not, a job may be taken over too early, which costs work, but
/// the fencing token still keeps its results right.
/// </remarks>
public interface IJobQueue
{
    /// <summary>
    /// Stores a job and makes it ready. With an <paramref name="idempotencyKey"/> that its owner used within its time to live, the job made
    /// then is returned and nothing is stored.
    /// </summary>
    /// <exception cref="JobQuotaException">The owner has too many jobs, or too many bytes stored.</exception>
    Task<(Job Job, bool Created)> EnqueueAsync(JobId id, JobRequest request, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>The job that this owner made with this idempotency key, or null.</summary>
    Task<Job?> FindByIdempotencyKeyAsync(string owner, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Whether the owner may submit one more job with so many bytes, for a refusal before any work: <see cref="EnqueueAsync"/>
    /// decides.</summary>
    /// <exception cref="JobQuotaException">No.</exception>
    Task CheckQuotaAsync(string owner, long bytes, CancellationToken cancellationToken);

    /// <summary>
    /// Counts media of a job that came after its submission for its owner: fetched media as piece 0, live media by its chunks. A piece that
    /// was counted before is not counted again; one that is ahead is not counted. False when there is no such job.
    /// </summary>
    /// <exception cref="JobQuotaException">The owner would have too many bytes stored; nothing is counted.</exception>
    Task<bool> CountMediaAsync(JobId id, int piece, long bytes, CancellationToken cancellationToken);

    /// <summary>One job, or null when there is none (or it has expired).</summary>
    Task<Job?> GetAsync(JobId id, CancellationToken cancellationToken);

    /// <summary>Jobs, newest first. A page may come short of what was asked for although there is a next one.</summary>
    Task<JobPage> ListAsync(JobQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Claims the job whose turn it is, after taking back leases that have expired. Null when none is ready. Owners with waiting jobs take
    /// turns, and each one's jobs come in the order of their submission. A job that was taken back or handed back comes before those that
    /// have not begun: its viewers are watching already.
    /// </summary>
    /// <remarks>Look at <see cref="Job.IsDeleted"/>, <see cref="JobLease.IsCancelRequested"/> and <see cref="JobLease.IsExhausted"/>
    /// before any work.</remarks>
    Task<JobLease?> ClaimAsync(string worker, CancellationToken cancellationToken);

    /// <summary>
    /// Waits until a job may have become ready, or <paramref name="limit"/> is over: then call <see cref="ClaimAsync"/> again. The wake-up
    /// is a hint that can be missed (and says nothing of expired leases and ended delays), so the limit is also how late a job may be
    /// noticed: a second or less.
    /// </summary>
    Task WaitForWorkAsync(TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Renews a lease, with the progress to show.</summary>
    Task<LeaseState> RenewAsync(JobLease lease, string stage, double percent, string? engine, CancellationToken cancellationToken);

    /// <summary>Keeps the language that the engine found, for everybody and for the attempts to come. False when the lease was
    /// lost.</summary>
    Task<bool> KeepLanguageAsync(JobLease lease, string language, CancellationToken cancellationToken);

    /// <summary>Ends a job well. False when the lease was lost.</summary>
    Task<bool> CompleteAsync(JobLease lease, CancellationToken cancellationToken);

    /// <summary>
    /// Ends an attempt badly. With <paramref name="canRetry"/> and attempts left, the job becomes ready again after a delay that doubles
    /// with each attempt; else it is dead-lettered as failed. Null when the lease was lost.
    /// </summary>
    Task<FailResult?> FailAsync(JobLease lease, string reason, bool canRetry, CancellationToken cancellationToken);

    /// <summary>Hands a job back unfinished, ready at once and without counting the attempt: for a worker that shuts down. False when the
    /// lease was lost.</summary>
    Task<bool> ReleaseAsync(JobLease lease, CancellationToken cancellationToken);

    /// <summary>Ends a running job that a client asked to cancel, once the worker has stopped. False when the lease was lost.</summary>
    Task<bool> CompleteCancelAsync(JobLease lease, CancellationToken cancellationToken);

    /// <summary>
    /// Asks to cancel. A waiting job is leased to the caller, who publishes <c>job.canceled</c> and calls <see
    /// cref="CompleteCancelAsync"/>; should the caller die before that, the next claim of the expired lease brings the job to a worker,
    /// with <see cref="JobLease.IsCancelRequested"/>. A running job is flagged, and its worker told at its next renewal.
    /// </summary>
    Task<CancelResult> CancelAsync(JobId id, string caller, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a failed or canceled job ready again with attempts from zero, unless it has been retried since. Returns the job as it is then,
    /// and whether it was changed; null when there is none.
    /// </summary>
    /// <param name="id">The job.</param>
    /// <param name="retries">How often it had been retried when the caller looked.</param>
    /// <param name="cancellationToken">Cancels the call, which may have been carried out.</param>
    Task<(Job Job, bool Changed)?> RetryAsync(JobId id, int retries, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a job in any state out of the queue and all lists, from its worker too, and leases it to the caller, who deletes what belongs
    /// to it and calls <see cref="ForgetAsync"/>. Should the caller die before that, the next claim of the expired lease brings the job to
    /// a worker, with <see cref="Job.IsDeleted"/>. Null when there is none.
    /// </summary>
    Task<JobLease?> DeleteAsync(JobId id, string caller, CancellationToken cancellationToken);

    /// <summary>Forgets a job that was deleted. False when the lease was lost.</summary>
    Task<bool> ForgetAsync(JobLease lease, CancellationToken cancellationToken);
}

/// <summary>A worker's right to a job until the lease expires.</summary>
/// <param name="Job">The job as claimed.</param>
/// <param name="Token">The fencing token, to be passed to every publish.</param>
/// <param name="Worker">The worker's name.</param>
public sealed record JobLease(Job Job, long Token, string Worker)
{
    /// <summary>Whether a client wants the job canceled: publish <c>job.canceled</c> and call
    /// <see cref="IJobQueue.CompleteCancelAsync"/>.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>
    /// Whether all attempts are used up: the worker of the last one vanished without a word. Do no work (it may be what kills workers):
    /// publish <c>job.failed</c> and call <see cref="IJobQueue.FailAsync"/> without a retry.
    /// </summary>
    public bool IsExhausted { get; init; }
}

/// <summary>What a renewal answered.</summary>
public enum LeaseState
{
    /// <summary>The lease is renewed.</summary>
    Held,

    /// <summary>The lease is renewed, and a client wants the job canceled: stop, then call
    /// <see cref="IJobQueue.CompleteCancelAsync"/>.</summary>
    CancelRequested,

    /// <summary>Another worker has the job, or it has ended: stop and write nothing.</summary>
    Lost,
}

/// <summary>What became of a failed attempt.</summary>
/// <param name="WillRetry">Whether another attempt follows.</param>
/// <param name="Delay">After how long.</param>
public readonly record struct FailResult(bool WillRetry, TimeSpan Delay);

/// <summary>What became of a cancel.</summary>
public enum CancelOutcome
{
    /// <summary>There is no such job.</summary>
    NotFound,

    /// <summary>It was waiting, and the caller holds its lease now: publish <c>job.canceled</c>, then call
    /// <see cref="IJobQueue.CompleteCancelAsync"/>.</summary>
    Leased,

    /// <summary>It is running; its worker stops within a second and publishes <c>job.canceled</c>.</summary>
    Requested,

    /// <summary>It had ended already.</summary>
    AlreadyEnded,
}

/// <summary>The answer to a cancel.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Job">The job as it is then; null when there is none.</param>
/// <param name="Lease">The caller's lease for <see cref="CancelOutcome.Leased"/>, else null.</param>
public readonly record struct CancelResult(CancelOutcome Outcome, Job? Job, JobLease? Lease);
