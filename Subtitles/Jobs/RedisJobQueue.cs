using System.Diagnostics;
using System.Globalization;
using EventStreams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Subtitles.Jobs;

/// <summary>The queue on a RESP server: Redis 6.2 and later, Valkey, Garnet.</summary>
internal sealed class RedisJobQueue : IJobQueue
{
    private readonly QueueCalls _calls;
    private readonly TimeProvider _time;
    private readonly JobsOptions _options;
    private readonly JobKeys _keys;
    private readonly JobWakeUp _wakeUp;
    private readonly RedisValue _channel;

    public RedisJobQueue(IConnectionMultiplexer connection, IOptions<JobsOptions> options, TimeProvider time)
    {
        (_calls, _options, _time) = (new QueueCalls(connection, options), options.Value, time);
        _keys = new JobKeys(_options.KeyPrefix);
        _wakeUp = new JobWakeUp(connection, _keys, time);
        _channel = _keys.WakeUp.ToString();
    }

    private RedisValue Now => JobDocument.Milliseconds(_time.GetUtcNow());

    private RedisValue LeaseExpiry => JobDocument.Milliseconds(_time.GetUtcNow() + _options.LeaseDuration);

    private RedisValue ForgetAt => JobDocument.Milliseconds(_time.GetUtcNow() + _options.JobTimeToLive);

    public async Task<(Job Job, bool Created)> EnqueueAsync(
        JobId id,
        JobRequest request,
        string? idempotencyKey,
        CancellationToken cancellationToken
    )
    {
        var now = _time.GetUtcNow();
        RedisKey[] keys = idempotencyKey is null ? _keys.All : [.. _keys.All, _keys.Idempotency(request.Owner, idempotencyKey)];
        // In microseconds, so that jobs of one millisecond are listed in their order.
        var created = (now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
        var place = JobKeys.PlaceOf(request.Owner, new JobCursor(created, id));
        var answer = await RunAsync(
            JobScripts.Enqueue,
            keys,
            [
                id.Value,
                JobDocument.Create(
                    id,
                    request,
                    now,
                    place,
                    Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null
                ),
                created,
                JobDocument.Milliseconds(_options.IdempotencyTimeToLive),
                _channel,
                place,
                _options.MaxJobsPerOwner,
                _options.MaxStoredBytesPerOwner,
            ],
            cancellationToken
        );
        return (int)answer[0] switch
        {
            2 => throw JobQuotaException.OfJobs(_options.MaxJobsPerOwner),
            3 => throw JobQuotaException.OfBytes(_options.MaxStoredBytesPerOwner),
            var outcome => (ReadJob(answer[1]), outcome == 1),
        };
    }

    public async Task CheckQuotaAsync(string owner, long bytes, CancellationToken cancellationToken)
    {
        var key = JobOwner.KeyOf(owner);
        var sums = await _calls.RunAsync(
            database => database.HashGetAsync(_keys.Owners, [key + ":jobs", key + ":bytes"]),
            cancellationToken
        );
        if (sums[0].TryParse(out long jobs) && jobs >= _options.MaxJobsPerOwner)
            throw JobQuotaException.OfJobs(_options.MaxJobsPerOwner);
        if (sums[1].TryParse(out long stored) && bytes > 0 && stored + bytes > _options.MaxStoredBytesPerOwner)
            throw JobQuotaException.OfBytes(_options.MaxStoredBytesPerOwner);
    }

    public async Task<bool> CountMediaAsync(JobId id, int piece, long bytes, CancellationToken cancellationToken) =>
        (int)
            await RunAsync(JobScripts.Media, _keys.All, [id.Value, piece, bytes, _options.MaxStoredBytesPerOwner], cancellationToken) switch
        {
            3 => throw JobQuotaException.OfBytes(_options.MaxStoredBytesPerOwner),
            var outcome => outcome == 1,
        };

    public async Task<Job?> FindByIdempotencyKeyAsync(string owner, string idempotencyKey, CancellationToken cancellationToken)
    {
        var text = await _calls.RunAsync(database => database.StringGetAsync(_keys.Idempotency(owner, idempotencyKey)), cancellationToken);
        return JobId.TryParse(text, out var id) ? await GetAsync(id, cancellationToken) : null;
    }

    public async Task<Job?> GetAsync(JobId id, CancellationToken cancellationToken)
    {
        var document = await _calls.RunAsync(database => database.HashGetAsync(_keys.Documents, id.Value), cancellationToken);
        return !document.IsNull && JobDocument.Read((byte[])document!).Job is { IsDeleted: false } job ? job : null;
    }

    public Task<JobPage> ListAsync(JobQuery query, CancellationToken cancellationToken) =>
        new JobListing(_calls, _keys).ReadAsync(query, cancellationToken);

    public async Task<JobLease?> ClaimAsync(string worker, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(worker);
        var answer = await RunAsync(
            JobScripts.Claim,
            _keys.All,
            [Now, LeaseExpiry, JobDocument.Escape(worker), _options.MaxAttempts],
            cancellationToken
        );
        return answer.IsNull ? null : ReadLease(answer);
    }

    public Task WaitForWorkAsync(TimeSpan limit, CancellationToken cancellationToken) => _wakeUp.WaitAsync(limit, cancellationToken);

    public async Task<LeaseState> RenewAsync(
        JobLease lease,
        string stage,
        double percent,
        string? engine,
        CancellationToken cancellationToken
    )
    {
        var answer = await RunAsync(
            JobScripts.Renew,
            _keys.All,
            [
                lease.Job.Id.Value,
                lease.Token,
                LeaseExpiry,
                JobDocument.Escape(stage),
                percent.ToString("0.##", CultureInfo.InvariantCulture),
                JobDocument.Escape(engine ?? ""),
            ],
            cancellationToken
        );
        return (int)answer switch
        {
            1 => LeaseState.Held,
            2 => LeaseState.CancelRequested,
            _ => LeaseState.Lost,
        };
    }

    public async Task<bool> KeepLanguageAsync(JobLease lease, string language, CancellationToken cancellationToken) =>
        (int)
            await RunAsync(
                JobScripts.Language,
                _keys.All,
                [lease.Job.Id.Value, lease.Token, JobDocument.Escape(language)],
                cancellationToken
            ) == 1;

    public Task<bool> CompleteAsync(JobLease lease, CancellationToken cancellationToken) => EndAsync(lease, "completed", cancellationToken);

    public Task<bool> CompleteCancelAsync(JobLease lease, CancellationToken cancellationToken) =>
        EndAsync(lease, "canceled", cancellationToken);

    public async Task<FailResult?> FailAsync(JobLease lease, string reason, bool canRetry, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(
            JobScripts.Fail,
            _keys.All,
            [
                lease.Job.Id.Value,
                lease.Token,
                Now,
                ForgetAt,
                JobDocument.Escape(reason),
                canRetry ? "1" : "0",
                _options.MaxAttempts,
                JobDocument.Milliseconds(_options.RetryDelay),
                JobDocument.Milliseconds(_options.MaxRetryDelay),
            ],
            cancellationToken
        );
        return answer.IsNull ? null : new FailResult((int)answer[0] == 1, TimeSpan.FromMilliseconds((long)answer[1]));
    }

    public async Task<bool> ReleaseAsync(JobLease lease, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(JobScripts.Release, _keys.All, [lease.Job.Id.Value, lease.Token, _channel], cancellationToken);
        return (int)answer == 1;
    }

    public async Task<CancelResult> CancelAsync(JobId id, string caller, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(JobScripts.Cancel, _keys.All, [id.Value, LeaseExpiry, JobDocument.Escape(caller)], cancellationToken);
        return (int)answer[0] switch
        {
            1 => new CancelResult(CancelOutcome.Leased, ReadJob(answer[1]), ReadLease(answer[1])),
            2 => new CancelResult(CancelOutcome.Requested, ReadJob(answer[1]), null),
            3 => new CancelResult(CancelOutcome.AlreadyEnded, ReadJob(answer[1]), null),
            _ => new CancelResult(CancelOutcome.NotFound, null, null),
        };
    }

    public async Task<(Job Job, bool Changed)?> RetryAsync(JobId id, int retries, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(JobScripts.Retry, _keys.All, [id.Value, _channel, retries], cancellationToken);
        return answer.IsNull ? null : (ReadJob(answer[1]), (int)answer[0] == 1);
    }

    public async Task<JobLease?> DeleteAsync(JobId id, string caller, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(JobScripts.Delete, _keys.All, [id.Value, LeaseExpiry, JobDocument.Escape(caller)], cancellationToken);
        return answer.IsNull ? null : ReadLease(answer);
    }

    public async Task<bool> ForgetAsync(JobLease lease, CancellationToken cancellationToken) =>
        (int)await RunAsync(JobScripts.Forget, _keys.All, [lease.Job.Id.Value, lease.Token], cancellationToken) == 1;

    private async Task<bool> EndAsync(JobLease lease, string status, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(
            JobScripts.Complete,
            _keys.All,
            [lease.Job.Id.Value, lease.Token, Now, ForgetAt, status],
            cancellationToken
        );
        return (int)answer == 1;
    }

    private static Job ReadJob(RedisResult document) => JobDocument.Read((byte[])document!).Job;

    private static JobLease ReadLease(RedisResult document)
    {
        var (job, token, worker, isExhausted) = JobDocument.Read((byte[])document!);
        return new JobLease(job, token, worker) { IsCancelRequested = job.IsCancelRequested, IsExhausted = isExhausted };
    }

    private Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken) =>
        _calls.RunAsync(script, keys, values, cancellationToken);
}
