using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Contract;

public abstract partial class JobQueueContract
{
    [Fact]
    public async Task A_waiting_job_is_leased_to_whoever_cancels_it()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();

        var result = await fixture.Queue.CancelAsync(id, "api", default);

        Assert.Equal((CancelOutcome.Leased, 1L), (result.Outcome, result.Lease!.Token));
        Assert.Null(await fixture.Queue.ClaimAsync("w1", default));
        Assert.True(await fixture.Queue.CompleteCancelAsync(result.Lease, default));
        var job = await fixture.GetAsync(id);
        Assert.Equal(
            (JobStatus.Canceled, 0, false, fixture.Time.GetUtcNow()),
            (job.Status, job.Attempts, job.IsCancelRequested, job.FinishedAt)
        );
        Assert.Equal(CancelOutcome.AlreadyEnded, (await fixture.Queue.CancelAsync(id, "api", default)).Outcome);
        Assert.True((await fixture.Queue.RetryAsync(id, 0, default))!.Value.Changed);
        Assert.False((await fixture.ClaimAsync()).IsCancelRequested);
    }

    [Fact]
    public async Task A_cancel_whose_caller_died_reaches_a_worker()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        await fixture.Queue.CancelAsync(id, "api", default);
        fixture.Time.Advance(fixture.Options.LeaseDuration);

        var lease = await fixture.ClaimAsync();

        Assert.True(lease.IsCancelRequested);
        Assert.True(await fixture.Queue.CompleteCancelAsync(lease, default));
        Assert.Equal(JobStatus.Canceled, (await fixture.GetAsync(id)).Status);
    }

    [Fact]
    public async Task A_job_that_waits_for_its_next_attempt_can_be_canceled()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "x", true, default);
        var result = await fixture.Queue.CancelAsync(id, "api", default);
        Assert.Equal(CancelOutcome.Leased, result.Outcome);
        await fixture.Queue.CompleteCancelAsync(result.Lease!, default);
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await fixture.Queue.ClaimAsync("w1", default));
        Assert.Equal(JobStatus.Canceled, (await fixture.GetAsync(id)).Status);
    }

    [Fact]
    public async Task A_running_job_is_told_at_its_next_renewal()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        var lease = await fixture.ClaimAsync();
        Assert.Equal(CancelOutcome.Requested, (await fixture.Queue.CancelAsync(id, "api", default)).Outcome);
        Assert.True((await fixture.GetAsync(id)).IsCancelRequested);
        Assert.Equal(LeaseState.CancelRequested, await fixture.Queue.RenewAsync(lease, "transcribe", 1, null, default));
        Assert.True(await fixture.Queue.CompleteCancelAsync(lease, default));
        Assert.Equal(JobStatus.Canceled, (await fixture.GetAsync(id)).Status);
    }

    [Fact]
    public async Task A_cancel_outlives_the_end_of_the_attempt()
    {
        var fixture = await CreateAsync();
        var id = await fixture.EnqueueAsync();
        var lease = await fixture.ClaimAsync();
        await fixture.Queue.CancelAsync(id, "api", default);
        Assert.Equal(new FailResult(true, TimeSpan.Zero), await fixture.Queue.FailAsync(lease, "x", true, default));
        Assert.True((await fixture.ClaimAsync()).IsCancelRequested);
    }

    [Fact]
    public async Task A_job_that_is_not_there_cannot_be_canceled()
    {
        var fixture = await CreateAsync();
        Assert.Equal(CancelOutcome.NotFound, (await fixture.Queue.CancelAsync(JobId.Create(), "api", default)).Outcome);
    }

    [Fact]
    public async Task An_idempotency_key_makes_one_job()
    {
        var fixture = await CreateAsync();
        Assert.Null(await fixture.Queue.FindByIdempotencyKeyAsync("", "key", default));
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => fixture.Queue.EnqueueAsync(JobId.Create(), Request(), "key", default))
        );
        Assert.Single(answers, answer => answer.Created);
        var id = Assert.Single(answers.Select(answer => answer.Job.Id).Distinct());
        Assert.Equal(id, (await fixture.Queue.FindByIdempotencyKeyAsync("", "key", default))?.Id);
        Assert.Single((await fixture.Queue.ListAsync(new JobQuery(100), default)).Jobs);
        Assert.True((await fixture.Queue.EnqueueAsync(JobId.Create(), Request(), "another key", default)).Created);
    }

    [Fact]
    public async Task An_idempotency_key_is_forgotten_after_its_time()
    {
        var fixture = await CreateAsync(options => options.IdempotencyTimeToLive = TimeSpan.FromSeconds(1));
        await fixture.Queue.EnqueueAsync(JobId.Create(), Request(), "key", default);
        // The server's own clock counts here.
        await Eventually.HoldsAsync(
            async () => await fixture.Queue.FindByIdempotencyKeyAsync("", "key", default) is null,
            "the key is forgotten"
        );
        Assert.True((await fixture.Queue.EnqueueAsync(JobId.Create(), Request(), "key", default)).Created);
    }
}
