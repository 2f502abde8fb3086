using Subtitles.Jobs;

namespace Tests.Contract;

public abstract partial class JobQueueContract
{
    [Fact]
    public async Task An_expired_lease_is_taken_over_before_other_work()
    {
        var fixture = await CreateAsync();
        var first = await fixture.EnqueueAsync();
        var second = await fixture.EnqueueAsync();
        await fixture.EnqueueAsync();
        await fixture.ClaimAsync();
        fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        await fixture.ClaimAsync();
        fixture.Time.Advance(fixture.Options.LeaseDuration);

        var next = await fixture.ClaimAsync("w2");
        Assert.Equal((first, 2, 2L), (next.Job.Id, next.Job.Attempts, next.Token));
        Assert.Equal("The worker w1 stopped answering.", next.Job.Error);
        Assert.Equal(second, (await fixture.ClaimAsync("w2")).Job.Id);
    }

    [Fact]
    public async Task A_lost_lease_changes_nothing()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        var old = await fixture.ClaimAsync();
        fixture.Time.Advance(fixture.Options.LeaseDuration);
        await fixture.ClaimAsync("w2");
        var before = await fixture.GetAsync(id);

        Assert.Equal(LeaseState.Lost, await fixture.Queue.RenewAsync(old, "x", 99, "x", default));
        Assert.False(await fixture.Queue.CompleteAsync(old, default));
        Assert.Null(await fixture.Queue.FailAsync(old, "x", true, default));
        Assert.False(await fixture.Queue.ReleaseAsync(old, default));
        Assert.False(await fixture.Queue.CompleteCancelAsync(old, default));
        Assert.Equal(before, await fixture.GetAsync(id));
    }

    [Fact]
    public async Task A_renewed_lease_holds_on()
    {
        var fixture = await CreateAsync();
        await fixture.EnqueueAsync();
        var lease = await fixture.ClaimAsync();
        for (var i = 0; i < 5; i++)
        {
            fixture.Time.Advance(fixture.Options.LeaseDuration / 2);
            Assert.Equal(LeaseState.Held, await fixture.Queue.RenewAsync(lease, "transcribe", i, null, default));
            Assert.Null(await fixture.Queue.ClaimAsync("w2", default));
        }
    }

    [Fact]
    public async Task A_lease_that_nobody_took_over_can_still_be_used()
    {
        var fixture = await CreateAsync();
        await fixture.EnqueueAsync();
        var lease = await fixture.ClaimAsync();
        fixture.Time.Advance(fixture.Options.LeaseDuration * 3);
        Assert.Equal(LeaseState.Held, await fixture.Queue.RenewAsync(lease, "transcribe", 1, null, default));
        Assert.True(await fixture.Queue.CompleteAsync(lease, default));
    }

    [Fact]
    public async Task A_failed_attempt_is_followed_by_another_after_a_doubling_delay()
    {
        var fixture = await CreateAsync(options =>
        {
            options.MaxAttempts = 5;
            options.RetryDelay = TimeSpan.FromSeconds(2);
            options.MaxRetryDelay = TimeSpan.FromSeconds(6);
        });
        var id = await fixture.EnqueueAsync();
        foreach (var seconds in new[] { 2, 4, 6, 6 })
        {
            var lease = await fixture.ClaimAsync();
            var delay = TimeSpan.FromSeconds(seconds);
            Assert.Equal(new FailResult(true, delay), await fixture.Queue.FailAsync(lease, "broken", true, default));
            var job = await fixture.GetAsync(id);
            Assert.Equal((JobStatus.Retrying, "broken"), (job.Status, job.Error));
            fixture.Time.Advance(delay - TimeSpan.FromMilliseconds(1));
            Assert.Null(await fixture.Queue.ClaimAsync("w1", default));
            fixture.Time.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.Equal(
            new FailResult(false, TimeSpan.Zero),
            await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "broken for good", true, default)
        );
        var dead = await fixture.GetAsync(id);
        Assert.Equal(
            (JobStatus.Failed, "broken for good", 5, fixture.Time.GetUtcNow()),
            (dead.Status, dead.Error, dead.Attempts, dead.FinishedAt)
        );
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await fixture.Queue.ClaimAsync("w1", default));
    }

    [Fact]
    public async Task A_job_that_no_attempt_can_help_fails_at_once()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        Assert.Equal(
            new FailResult(false, TimeSpan.Zero),
            await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "no media", false, default)
        );
        Assert.Equal(JobStatus.Failed, (await fixture.GetAsync(id)).Status);
    }

    [Fact]
    public async Task A_job_that_kills_its_workers_is_given_out_once_more_only_to_be_failed()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        for (var attempt = 1; attempt <= fixture.Options.MaxAttempts; attempt++)
        {
            Assert.False((await fixture.ClaimAsync()).IsExhausted);
            fixture.Time.Advance(fixture.Options.LeaseDuration);
        }
        // Even the worker that is to say so may die: the next one is told the same.
        Assert.True((await fixture.ClaimAsync("w2")).IsExhausted);
        fixture.Time.Advance(fixture.Options.LeaseDuration);
        var lease = await fixture.ClaimAsync("w3");
        Assert.True(lease.IsExhausted);
        Assert.Equal(new FailResult(false, TimeSpan.Zero), await fixture.Queue.FailAsync(lease, "three workers died", true, default));
        Assert.Equal(JobStatus.Failed, (await fixture.GetAsync(id)).Status);
    }

    [Fact]
    public async Task A_failed_job_can_be_retried_by_hand()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "no", false, default);

        var answer = await fixture.Queue.RetryAsync(id, 0, default);

        Assert.True(answer is { Changed: true });
        var job = answer!.Value.Job;
        Assert.Equal((JobStatus.Queued, 0, 1, null, null), (job.Status, job.Attempts, job.Retries, job.Error, job.FinishedAt));
        Assert.False((await fixture.Queue.RetryAsync(id, 0, default))!.Value.Changed);
        Assert.Null(await fixture.Queue.RetryAsync(JobId.Create(), 0, default));
        var lease = await fixture.ClaimAsync();
        Assert.Equal((id, 1, 2L), (lease.Job.Id, lease.Job.Attempts, lease.Token));
        // It is a living job again, and not forgotten when its first end would have been.
        fixture.Time.Advance(fixture.Options.JobTimeToLive * 2);
        await fixture.ClaimAsync();
        Assert.NotNull(await fixture.Queue.GetAsync(id, default));
    }

    [Fact]
    public async Task A_repeated_call_answers_as_the_first_did()
    {
        var fixture = await CreateAsync();
        var id = JobId.Create();
        for (var i = 0; i < 2; i++)
            Assert.True((await fixture.Queue.EnqueueAsync(id, Request(), "key", default)).Created);
        var lease = await fixture.ClaimAsync();
        Assert.Null(await fixture.Queue.ClaimAsync("w2", default));

        for (var i = 0; i < 2; i++)
            Assert.True(await fixture.Queue.ReleaseAsync(lease, default));
        lease = await fixture.ClaimAsync();
        Assert.Equal(1, lease.Job.Attempts);
        for (var i = 0; i < 2; i++)
            Assert.Equal(new FailResult(true, fixture.Options.RetryDelay), await fixture.Queue.FailAsync(lease, "x", true, default));
        fixture.Time.Advance(fixture.Options.RetryDelay);
        lease = await fixture.ClaimAsync();
        for (var i = 0; i < 2; i++)
            Assert.True(await fixture.Queue.CompleteAsync(lease, default));
        Assert.False(await fixture.Queue.CompleteCancelAsync(lease, default));
        Assert.Null(await fixture.Queue.ClaimAsync("w1", default));
    }
}
