using Subtitles.Jobs;

namespace Tests.Integration.Worker;

/// <summary>A worker's view of a queue, in which single calls can be made to go wrong.</summary>
internal sealed class QueueOf(IJobQueue inner) : IJobQueue
{
    /// <summary>Answers renewals; null lets one through.</summary>
    public Func<Task<LeaseState>?>? OnRenew { get; init; }

    /// <summary>Is called before each way to end an attempt.</summary>
    public Action? OnEnd { get; init; }

    public Task<LeaseState> RenewAsync(JobLease lease, string stage, double percent, string? engine, CancellationToken cancellationToken) =>
        OnRenew?.Invoke() ?? inner.RenewAsync(lease, stage, percent, engine, cancellationToken);

    public Task<bool> KeepLanguageAsync(JobLease lease, string language, CancellationToken cancellationToken) =>
        inner.KeepLanguageAsync(lease, language, cancellationToken);

    public Task<bool> CompleteAsync(JobLease lease, CancellationToken cancellationToken) =>
        Ending(() => inner.CompleteAsync(lease, cancellationToken));

    public Task<FailResult?> FailAsync(JobLease lease, string reason, bool canRetry, CancellationToken cancellationToken) =>
        Ending(() => inner.FailAsync(lease, reason, canRetry, cancellationToken));

    public Task<bool> ReleaseAsync(JobLease lease, CancellationToken cancellationToken) =>
        Ending(() => inner.ReleaseAsync(lease, cancellationToken));

    public Task<bool> CompleteCancelAsync(JobLease lease, CancellationToken cancellationToken) =>
        Ending(() => inner.CompleteCancelAsync(lease, cancellationToken));

    public Task<(Job Job, bool Created)> EnqueueAsync(
        JobId id,
        JobRequest request,
        string? idempotencyKey,
        CancellationToken cancellationToken
    ) => inner.EnqueueAsync(id, request, idempotencyKey, cancellationToken);

    public Task<Job?> FindByIdempotencyKeyAsync(string owner, string idempotencyKey, CancellationToken cancellationToken) =>
        inner.FindByIdempotencyKeyAsync(owner, idempotencyKey, cancellationToken);

    public Task CheckQuotaAsync(string owner, long bytes, CancellationToken cancellationToken) =>
        inner.CheckQuotaAsync(owner, bytes, cancellationToken);

    public Task<JobLease?> DeleteAsync(JobId id, string caller, CancellationToken cancellationToken) =>
        inner.DeleteAsync(id, caller, cancellationToken);

    public Task<bool> ForgetAsync(JobLease lease, CancellationToken cancellationToken) => inner.ForgetAsync(lease, cancellationToken);

    public Task<bool> CountMediaAsync(JobId id, int piece, long bytes, CancellationToken cancellationToken) =>
        inner.CountMediaAsync(id, piece, bytes, cancellationToken);

    public Task<Job?> GetAsync(JobId id, CancellationToken cancellationToken) => inner.GetAsync(id, cancellationToken);

    public Task<JobPage> ListAsync(JobQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);

    public Task<JobLease?> ClaimAsync(string worker, CancellationToken cancellationToken) => inner.ClaimAsync(worker, cancellationToken);

    public Task WaitForWorkAsync(TimeSpan limit, CancellationToken cancellationToken) => inner.WaitForWorkAsync(limit, cancellationToken);

    public Task<CancelResult> CancelAsync(JobId id, string caller, CancellationToken cancellationToken) =>
        inner.CancelAsync(id, caller, cancellationToken);

    public Task<(Job Job, bool Changed)?> RetryAsync(JobId id, int retries, CancellationToken cancellationToken) =>
        inner.RetryAsync(id, retries, cancellationToken);

    private Task<T> Ending<T>(Func<Task<T>> call)
    {
        OnEnd?.Invoke();
        return call();
    }
}
