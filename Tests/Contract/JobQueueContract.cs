using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What every job queue guarantees, whichever server it is on. The clock is the test's own.</summary>
public abstract partial class JobQueueContract(RedisServers servers, RedisServerKind kind) : IAsyncDisposable
{
    private readonly List<ConnectionMultiplexer> _connections = [];

    /// <summary>A queue of the test's own.</summary>
    private sealed record Fixture(RedisJobQueue Queue, FakeTimeProvider Time, JobsOptions Options)
    {
        public async Task<JobId> EnqueueAsync(string title = "a job")
        {
            var id = JobId.Create();
            await Queue.EnqueueAsync(id, Request(title), null, default);
            return id;
        }

        public async Task<JobLease> ClaimAsync(string worker = "w1") =>
            await Queue.ClaimAsync(worker, default) ?? throw new InvalidOperationException("No job was ready.");

        public async Task<Job> GetAsync(JobId id) =>
            await Queue.GetAsync(id, default) ?? throw new InvalidOperationException("The job is gone.");
    }

    private static JobRequest Request(string title = "a job") => new("sample:tour", "en", JobPace.Fast, null, title);

    private async Task<Fixture> CreateAsync(Action<JobsOptions>? configure = null)
    {
        var server = await servers.GetAsync(kind);
        var connection = await server.ConnectAsync();
        _connections.Add(connection);
        var options = new JobsOptions { KeyPrefix = RedisServers.CreateKeyPrefix(), RedisTimeout = TimeSpan.FromSeconds(20) };
        configure?.Invoke(options);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return new Fixture(new RedisJobQueue(connection, Options.Create(options), time), time, options);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_job_comes_back_as_it_was_submitted()
    {
        var (queue, time, _) = await CreateAsync();
        var id = JobId.Create();
        var request = new JobRequest(
            "https://example.org/a?b=\"c\"",
            "pt-BR",
            JobPace.Realtime,
            "upload:x.vtt",
            "Zwölf \\ „Boxkämpfer“ %41 \n/ 😀"
        );

        var (job, created) = await queue.EnqueueAsync(id, request, null, default);

        Assert.True(created);
        Assert.Equal(
            new Job
            {
                Id = id,
                Request = request,
                Status = JobStatus.Queued,
                CreatedAt = time.GetUtcNow(),
            },
            job
        );
        Assert.Equal(job, await queue.GetAsync(id, default));
        Assert.Null(await queue.GetAsync(JobId.Create(), default));
        var lease = await queue.ClaimAsync("w\"1\n", default);
        Assert.Equal(request, lease?.Job.Request);
        Assert.Equal("w\"1\n", lease!.Worker);
        await queue.FailAsync(lease, "100 % \"broken\"\t\u0001", false, default);
        Assert.Equal("100 % \"broken\"\t\u0001", (await queue.GetAsync(id, default))!.Error);
        Assert.Equal(request, (await queue.GetAsync(id, default))!.Request);
    }

    [Fact]
    public async Task Jobs_are_claimed_in_the_order_of_their_submission()
    {
        var fixture = await CreateAsync();
        var ids = new[] { await fixture.EnqueueAsync(), await fixture.EnqueueAsync(), await fixture.EnqueueAsync() };
        foreach (var id in ids)
        {
            var lease = await fixture.ClaimAsync();
            Assert.Equal(
                (id, JobStatus.Running, 1, 1L, "w1"),
                (lease.Job.Id, lease.Job.Status, lease.Job.Attempts, lease.Token, lease.Worker)
            );
            Assert.Equal(fixture.Time.GetUtcNow(), lease.Job.StartedAt);
        }
        Assert.Null(await fixture.Queue.ClaimAsync("w1", default));
    }

    [Fact]
    public async Task A_job_is_claimed_by_one_of_many_workers()
    {
        var fixture = await CreateAsync();
        var ids = new HashSet<JobId>();
        for (var i = 0; i < 200; i++)
            ids.Add(await fixture.EnqueueAsync());

        var claimed = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(async worker =>
                {
                    var mine = new List<JobId>();
                    while (await fixture.Queue.ClaimAsync($"w{worker}", default) is { } lease)
                        mine.Add(lease.Job.Id);
                    return mine;
                })
        );

        var all = claimed.SelectMany(mine => mine).ToList();
        Assert.Equal(200, all.Count);
        Assert.Equal(ids, all.ToHashSet());
    }

    [Fact]
    public async Task Progress_is_shown_by_a_renewal()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        var lease = await fixture.ClaimAsync();
        Assert.Equal(LeaseState.Held, await fixture.Queue.RenewAsync(lease, "transcribe", 33.337, "pocketsphinx", default));
        var job = await fixture.GetAsync(id);
        Assert.Equal(("transcribe", 33.34, "pocketsphinx"), (job.Stage, job.Percent, job.Engine));
        await fixture.Queue.RenewAsync(lease, "transcribe", 50, null, default);
        Assert.Equal("pocketsphinx", (await fixture.GetAsync(id)).Engine);
    }

    [Fact]
    public async Task A_completed_job_is_over()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        var lease = await fixture.ClaimAsync();
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await fixture.Queue.CompleteAsync(lease, default));
        var job = await fixture.GetAsync(id);
        Assert.Equal((JobStatus.Completed, "done", 100d, fixture.Time.GetUtcNow()), (job.Status, job.Stage, job.Percent, job.FinishedAt));
        fixture.Time.Advance(fixture.Options.LeaseDuration * 2);
        Assert.Null(await fixture.Queue.ClaimAsync("w2", default));
        Assert.Equal(LeaseState.Lost, await fixture.Queue.RenewAsync(lease, "x", 1, null, default));
    }

    [Fact]
    public async Task A_job_handed_back_is_next_and_keeps_its_attempts()
    {
        var fixture = await CreateAsync();
        var first = await fixture.EnqueueAsync();
        await fixture.EnqueueAsync();
        var lease = await fixture.ClaimAsync();
        Assert.True(await fixture.Queue.ReleaseAsync(lease, default));
        Assert.Equal((JobStatus.Queued, 0), ((await fixture.GetAsync(first)).Status, (await fixture.GetAsync(first)).Attempts));
        Assert.Equal(LeaseState.Lost, await fixture.Queue.RenewAsync(lease, "x", 1, null, default));
        var next = await fixture.ClaimAsync("w2");
        Assert.Equal((first, 1, 2L), (next.Job.Id, next.Job.Attempts, next.Token));
    }

    [Fact]
    public async Task An_ended_job_is_forgotten_after_its_time()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        await fixture.Queue.CompleteAsync(await fixture.ClaimAsync(), default);
        fixture.Time.Advance(fixture.Options.JobTimeToLive - TimeSpan.FromSeconds(1));
        await fixture.Queue.ClaimAsync("w1", default);
        Assert.NotNull(await fixture.Queue.GetAsync(id, default));
        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await fixture.Queue.ClaimAsync("w1", default);
        Assert.Null(await fixture.Queue.GetAsync(id, default));
        Assert.Empty((await fixture.Queue.ListAsync(new JobQuery(10), default)).Jobs);
    }

    [Fact]
    public async Task A_new_job_wakes_a_waiting_worker()
    {
        var fixture = await CreateAsync();
        // The fake clock stands still, so that only the wake-up can end this wait. A job submitted before the worker listens may be missed,
        // hence more than one.
        var wait = fixture.Queue.WaitForWorkAsync(TimeSpan.FromSeconds(1), default);
        await Eventually.HoldsAsync(
            async () =>
            {
                await fixture.EnqueueAsync();
                return wait.IsCompleted;
            },
            "the worker wakes"
        );
        await wait;
    }

    [Fact]
    public async Task A_wait_ends_at_its_limit_or_when_canceled()
    {
        var fixture = await CreateAsync();
        var wait = fixture.Queue.WaitForWorkAsync(TimeSpan.FromSeconds(1), default);
        Assert.False(wait.IsCompleted);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await wait.WaitAsync(Eventually.DefaultLimit);

        using var cancel = new CancellationTokenSource();
        var canceled = fixture.Queue.WaitForWorkAsync(TimeSpan.FromSeconds(1), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
    }
}

public sealed class JobQueueOnRedisTests(RedisServers servers) : JobQueueContract(servers, RedisServerKind.Redis);

public sealed class JobQueueOnGarnetTests(RedisServers servers) : JobQueueContract(servers, RedisServerKind.Garnet);
