using Subtitles.Jobs;

namespace Tests.Contract;

public abstract partial class JobQueueContract
{
    private static JobRequest RequestOf(string owner, string title = "a job", long bytes = 0) =>
        Request(title) with
        {
            Owner = owner,
            StoredBytes = bytes,
        };

    private static async Task<JobId> EnqueueAsync(Fixture fixture, string owner, string title = "a job", long bytes = 0)
    {
        var id = JobId.Create();
        await fixture.Queue.EnqueueAsync(id, RequestOf(owner, title, bytes), null, default);
        return id;
    }

    [Fact]
    public async Task Each_owner_lists_their_own_jobs_page_by_page()
    {
        var fixture = await CreateAsync();
        for (var i = 0; i < 5; i++)
        {
            await EnqueueAsync(fixture, "a", $"a{i}");
            await EnqueueAsync(fixture, "a b", $"b{i}");
            if (i % 2 == 0)
                fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        }
        var own = await AllAsync(fixture, new JobQuery(2, Owner: "a"));
        Assert.Equal(5, own.Count);
        Assert.All(own, job => Assert.Equal("a", job.Request.Owner));
        Assert.Equal(own.OrderByDescending(job => job.CreatedAt).Select(job => job.CreatedAt), own.Select(job => job.CreatedAt));
        Assert.Equal(
            ["b4", "b3", "b2", "b1", "b0"],
            (await AllAsync(fixture, new JobQuery(3, Owner: "a b")))
                .OrderByDescending(job => job.Request.Title)
                .Select(job => job.Request.Title)
        );
        Assert.Empty((await fixture.Queue.ListAsync(new JobQuery(10, Owner: ""), default)).Jobs);
        Assert.Equal(10, (await AllAsync(fixture, new JobQuery(3))).Count);
    }

    [Fact]
    public async Task A_job_waits_no_longer_than_one_turn_for_anothers_hundred()
    {
        var fixture = await CreateAsync();
        for (var i = 0; i < 100; i++)
            await EnqueueAsync(fixture, "many", $"{i}");
        await fixture.ClaimAsync();
        await EnqueueAsync(fixture, "one", "mine");
        await EnqueueAsync(fixture, "two", "theirs");
        Assert.Equal(["1", "mine", "theirs", "2"], await TitlesAsync(fixture, 4));

        // Who comes later begins with the turn that is served then, and gains nothing by having waited.
        await EnqueueAsync(fixture, "two", "late");
        Assert.Equal(["3", "late", "4"], await TitlesAsync(fixture, 3));
    }

    [Fact]
    public async Task Owners_with_many_jobs_take_turns_and_each_ones_jobs_keep_their_order()
    {
        var fixture = await CreateAsync();
        for (var i = 0; i < 3; i++)
            await EnqueueAsync(fixture, "a", $"a{i}");
        for (var i = 0; i < 3; i++)
            await EnqueueAsync(fixture, "b", $"b{i}");
        Assert.Equal(["a0", "b0", "a1", "b1", "a2", "b2"], await TitlesAsync(fixture, 6));
        Assert.Null(await fixture.Queue.ClaimAsync("w", default));
    }

    [Fact]
    public async Task An_owner_has_so_many_jobs_that_have_not_ended_and_no_more()
    {
        var fixture = await CreateAsync(options => options.MaxJobsPerOwner = 2);
        var first = await EnqueueAsync(fixture, "a");
        await EnqueueAsync(fixture, "a");
        await Assert.ThrowsAsync<JobQuotaException>(() => EnqueueAsync(fixture, "a"));
        await Assert.ThrowsAsync<JobQuotaException>(() => fixture.Queue.CheckQuotaAsync("a", 0, default));
        await fixture.Queue.CheckQuotaAsync("b", 0, default);
        await EnqueueAsync(fixture, "b");

        // Whatever way a job ends, its place is free again.
        var lease = await fixture.ClaimAsync();
        Assert.Equal(first, lease.Job.Id);
        await fixture.Queue.CompleteAsync(lease, default);
        await fixture.Queue.CompleteAsync(lease, default);
        await EnqueueAsync(fixture, "a");
        await Assert.ThrowsAsync<JobQuotaException>(() => EnqueueAsync(fixture, "a"));
        await fixture.Queue.FailAsync(await ClaimOfAsync(fixture, "a"), "broken", canRetry: false, default);
        var last = await EnqueueAsync(fixture, "a");
        var canceled = await fixture.Queue.CancelAsync(last, "api", default);
        await Assert.ThrowsAsync<JobQuotaException>(() => EnqueueAsync(fixture, "a"));
        await fixture.Queue.CompleteCancelAsync(canceled.Lease!, default);
        await EnqueueAsync(fixture, "a");
        // A retry takes a place as well.
        await fixture.Queue.FailAsync(await ClaimOfAsync(fixture, "a"), "broken", canRetry: false, default);
        Assert.True((await fixture.Queue.RetryAsync(last, 0, default))!.Value.Changed);
        await Assert.ThrowsAsync<JobQuotaException>(() => EnqueueAsync(fixture, "a"));
    }

    [Fact]
    public async Task Media_that_comes_after_the_submission_counts_once_until_its_job_is_deleted()
    {
        var fixture = await CreateAsync(options => options.MaxStoredBytesPerOwner = 100);
        var live = await EnqueueAsync(fixture, "a", bytes: 10);
        Assert.True(await fixture.Queue.CountMediaAsync(live, 0, 40, default));
        Assert.True(await fixture.Queue.CountMediaAsync(live, 0, 40, default));
        Assert.True(await fixture.Queue.CountMediaAsync(live, 5, 40, default));
        await fixture.Queue.CheckQuotaAsync("a", 50, default);
        await Assert.ThrowsAsync<JobQuotaException>(() => fixture.Queue.CheckQuotaAsync("a", 51, default));
        Assert.True(await fixture.Queue.CountMediaAsync(live, 1, 50, default));
        await Assert.ThrowsAsync<JobQuotaException>(() => fixture.Queue.CountMediaAsync(live, 2, 1, default));
        // Others have room of their own.
        Assert.True(await fixture.Queue.CountMediaAsync(await EnqueueAsync(fixture, "b"), 0, 100, default));
        // A repeat of the submission is still the same one.
        Assert.Equal(10, (await fixture.Queue.GetAsync(live, default))!.Request.StoredBytes);

        var deletion = await fixture.Queue.DeleteAsync(live, "api", default);
        Assert.False(await fixture.Queue.CountMediaAsync(live, 2, 1, default));
        Assert.True(await fixture.Queue.ForgetAsync(deletion!, default));
        await fixture.Queue.CheckQuotaAsync("a", 100, default);
        Assert.False(await fixture.Queue.CountMediaAsync(live, 2, 1, default));
    }

    [Fact]
    public async Task An_owner_has_so_many_bytes_stored_until_jobs_are_deleted_or_forgotten()
    {
        var fixture = await CreateAsync(options => options.MaxStoredBytesPerOwner = 100);
        var first = await EnqueueAsync(fixture, "a", bytes: 60);
        await Assert.ThrowsAsync<JobQuotaException>(() => EnqueueAsync(fixture, "a", bytes: 41));
        await EnqueueAsync(fixture, "b", bytes: 100);
        await EnqueueAsync(fixture, "a", bytes: 40);
        await Assert.ThrowsAsync<JobQuotaException>(() => fixture.Queue.CheckQuotaAsync("a", 1, default));
        await fixture.Queue.CheckQuotaAsync("a", 0, default);

        var deletion = await fixture.Queue.DeleteAsync(first, "api", default);
        await Assert.ThrowsAsync<JobQuotaException>(() => EnqueueAsync(fixture, "a", bytes: 60));
        Assert.True(await fixture.Queue.ForgetAsync(deletion!, default));
        Assert.True(await fixture.Queue.ForgetAsync(deletion!, default));
        await EnqueueAsync(fixture, "a", bytes: 60);

        while (await fixture.Queue.ClaimAsync("w", default) is { } lease)
            await fixture.Queue.CompleteAsync(lease, default);
        fixture.Time.Advance(fixture.Options.JobTimeToLive + TimeSpan.FromSeconds(1));
        await fixture.Queue.ClaimAsync("w", default);
        await EnqueueAsync(fixture, "a", bytes: 100);
        Assert.Single((await fixture.Queue.ListAsync(new JobQuery(10, Owner: "a"), default)).Jobs);
    }

    [Fact]
    public async Task An_idempotency_key_belongs_to_its_caller()
    {
        var fixture = await CreateAsync();
        var (first, second) = (JobId.Create(), JobId.Create());
        Assert.True((await fixture.Queue.EnqueueAsync(first, RequestOf("a"), "key", default)).Created);
        Assert.True((await fixture.Queue.EnqueueAsync(second, RequestOf("b"), "key", default)).Created);
        Assert.Equal(
            (first, false),
            (
                (await fixture.Queue.EnqueueAsync(JobId.Create(), RequestOf("a"), "key", default)) is var (job, created)
                    ? (job.Id, created)
                    : default
            )
        );
        Assert.Equal(second, (await fixture.Queue.FindByIdempotencyKeyAsync("b", "key", default))?.Id);
        Assert.Null(await fixture.Queue.FindByIdempotencyKeyAsync("c", "key", default));
    }

    [Theory]
    [InlineData(JobStatus.Queued)]
    [InlineData(JobStatus.Running)]
    [InlineData(JobStatus.Retrying)]
    [InlineData(JobStatus.Failed)]
    public async Task A_job_is_deleted_in_any_state_and_its_worker_loses_it(JobStatus status)
    {
        var fixture = await CreateAsync(options => options.MaxJobsPerOwner = 1);
        var id = await EnqueueAsync(fixture, "a");
        var lease = status == JobStatus.Queued ? null : await fixture.ClaimAsync();
        if (status is JobStatus.Retrying or JobStatus.Failed)
            await fixture.Queue.FailAsync(lease!, "broken", canRetry: status == JobStatus.Retrying, default);

        var deletion = await fixture.Queue.DeleteAsync(id, "api", default);
        Assert.True(deletion!.Job.IsDeleted);
        Assert.True(deletion.Token > (lease?.Token ?? 0));
        Assert.Null(await fixture.Queue.GetAsync(id, default));
        Assert.Empty((await fixture.Queue.ListAsync(new JobQuery(10), default)).Jobs);
        Assert.Empty((await fixture.Queue.ListAsync(new JobQuery(10, Owner: "a"), default)).Jobs);
        Assert.Equal(CancelOutcome.NotFound, (await fixture.Queue.CancelAsync(id, "api", default)).Outcome);
        if (lease is not null)
        {
            Assert.Equal(LeaseState.Lost, await fixture.Queue.RenewAsync(lease, "x", 1, null, default));
            Assert.False(await fixture.Queue.CompleteAsync(lease, default));
        }
        Assert.Null(await fixture.Queue.ClaimAsync("w", default));
        await EnqueueAsync(fixture, "a");

        // Whoever deletes it dies: a worker goes on, before all that wait.
        fixture.Time.Advance(fixture.Options.LeaseDuration + TimeSpan.FromSeconds(1));
        var taken = await fixture.ClaimAsync();
        Assert.Equal((id, true), (taken.Job.Id, taken.Job.IsDeleted));
        Assert.False(await fixture.Queue.ForgetAsync(deletion, default));
        Assert.True(await fixture.Queue.ForgetAsync(taken, default));
        Assert.Null(await fixture.Queue.DeleteAsync(id, "api", default));
    }

    private static async Task<string[]> TitlesAsync(Fixture fixture, int count)
    {
        var titles = new string[count];
        for (var i = 0; i < count; i++)
            titles[i] = (await fixture.ClaimAsync()).Job.Request.Title;
        return titles;
    }

    private static async Task<JobLease> ClaimOfAsync(Fixture fixture, string owner)
    {
        for (; ; )
        {
            var lease = await fixture.ClaimAsync();
            if (lease.Job.Request.Owner == owner)
                return lease;
        }
    }
}
