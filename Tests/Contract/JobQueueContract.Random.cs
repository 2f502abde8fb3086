using System.Collections.Concurrent;
using Subtitles.Jobs;

namespace Tests.Contract;

public abstract partial class JobQueueContract
{
    /// <summary>Random commands one after another, checked against what the caller knows: who holds which job, and by which
    /// token.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_commands_never_break_a_rule(int seed)
    {
        var random = new Random(seed);
        var fixture = await CreateAsync(options => options.MaxAttempts = 2);
        var queue = fixture.Queue;
        var known = new Dictionary<JobId, long>();
        var ended = new HashSet<JobId>();
        var leases = new List<JobLease>();

        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(10))
            {
                case 0 or 1:
                    known.Add(await fixture.EnqueueAsync(), 0);
                    break;
                case 2 or 3:
                    if (await queue.ClaimAsync("w", default) is { } claimed)
                        Take(claimed);
                    break;
                case 4:
                    fixture.Time.Advance(TimeSpan.FromSeconds(random.Next(1, 6)));
                    break;
                case 5 when known.Count > 0:
                    var toCancel = Pick(known.Keys.ToList());
                    var canceled = await queue.CancelAsync(toCancel, "api", default);
                    Assert.Equal(ended.Contains(toCancel), canceled.Outcome == CancelOutcome.AlreadyEnded);
                    if (canceled.Lease is { } cancelLease)
                        Take(cancelLease);
                    break;
                case 6 when ended.Count > 0:
                    var toRetry = Pick(ended.ToList());
                    var before = await fixture.GetAsync(toRetry);
                    var isRetriable = before.Status is JobStatus.Failed or JobStatus.Canceled;
                    Assert.False((await queue.RetryAsync(toRetry, before.Retries + 1, default))!.Value.Changed);
                    Assert.Equal(isRetriable, (await queue.RetryAsync(toRetry, before.Retries, default))!.Value.Changed);
                    if (isRetriable)
                        ended.Remove(toRetry);
                    break;
                case > 6 when leases.Count > 0:
                    await UseAsync(Pick(leases));
                    break;
            }
        }

        // Whatever happened, the work that is left gets done.
        while (ended.Count < known.Count)
        {
            fixture.Time.Advance(fixture.Options.LeaseDuration + fixture.Options.MaxRetryDelay);
            Take(await fixture.ClaimAsync());
            Assert.True(await queue.CompleteAsync(leases[^1], default));
            ended.Add(leases[^1].Job.Id);
        }
        Assert.Null(await queue.ClaimAsync("w", default));

        T Pick<T>(List<T> list) => list[random.Next(list.Count)];

        void Take(JobLease lease)
        {
            Assert.True(lease.Token > known[lease.Job.Id], "A fencing token did not rise.");
            Assert.DoesNotContain(lease.Job.Id, ended);
            Assert.True(
                lease.Job.IsCancelRequested == lease.IsCancelRequested
                    && lease.Job.Attempts <= 2
                    && (!lease.IsExhausted || lease.Job.Attempts == 2)
            );
            known[lease.Job.Id] = lease.Token;
            leases.Add(lease);
        }

        async Task UseAsync(JobLease lease)
        {
            var id = lease.Job.Id;
            var before = await fixture.GetAsync(id);
            // Whether it still holds: the newest token, and neither ended nor waiting.
            var holds = known[id] == lease.Token && before.Status == JobStatus.Running;
            switch (random.Next(4))
            {
                case 0:
                    Assert.Equal(holds, await queue.RenewAsync(lease, "transcribe", 1, null, default) != LeaseState.Lost);
                    break;
                case 1 when holds:
                    Assert.True(await queue.CompleteAsync(lease, default));
                    ended.Add(id);
                    break;
                case 2 when holds:
                    var failed = await queue.FailAsync(lease, "x", random.Next(2) == 0, default);
                    if (!failed!.Value.WillRetry)
                        ended.Add(id);
                    break;
                case 3 when holds:
                    Assert.True(await queue.ReleaseAsync(lease, default));
                    break;
                default:
                    if (holds || known[id] == lease.Token)
                        break;
                    Assert.False(await queue.CompleteAsync(lease, default));
                    Assert.Null(await queue.FailAsync(lease, "x", true, default));
                    Assert.Equal(before, await fixture.GetAsync(id));
                    break;
            }
        }
    }

    /// <summary>Workers at the same time, some of which vanish: every job is ended by one of them, and never two leases of a job share a
    /// token.</summary>
    [Fact]
    public async Task Every_job_is_ended_once_though_workers_vanish()
    {
        var fixture = await CreateAsync(options => options.MaxAttempts = 50);
        var ids = new List<JobId>();
        for (var i = 0; i < 60; i++)
            ids.Add(await fixture.EnqueueAsync());
        var claims = new ConcurrentBag<(JobId, long)>();
        var ends = new ConcurrentBag<JobId>();
        var limit = DateTime.UtcNow.AddMinutes(1);

        await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async worker =>
                {
                    var random = new Random(worker);
                    while (ends.Count < ids.Count && DateTime.UtcNow < limit)
                    {
                        if (await fixture.Queue.ClaimAsync($"w{worker}", default) is not { } lease)
                        {
                            fixture.Time.Advance(TimeSpan.FromSeconds(1));
                            continue;
                        }
                        claims.Add((lease.Job.Id, lease.Token));
                        switch (random.Next(4))
                        {
                            case 0: // vanishes
                                break;
                            case 1:
                                await fixture.Queue.FailAsync(lease, "x", true, default);
                                break;
                            case 2:
                                await fixture.Queue.ReleaseAsync(lease, default);
                                break;
                            default:
                                if (await fixture.Queue.CompleteAsync(lease, default))
                                    ends.Add(lease.Job.Id);
                                break;
                        }
                    }
                })
        );

        Assert.Equal(ids.ToHashSet(), ends.ToHashSet());
        Assert.Equal(ids.Count, ends.Count);
        Assert.Equal(claims.Count, claims.Distinct().Count());
        foreach (var id in ids)
            Assert.Equal(JobStatus.Completed, (await fixture.GetAsync(id)).Status);
    }
}
