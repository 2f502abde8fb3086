using Subtitles.Jobs;

namespace Tests.Contract;

public abstract partial class JobQueueContract
{
    [Fact]
    public async Task Jobs_are_listed_newest_first_page_by_page()
    {
        var fixture = await CreateAsync();
        Assert.Empty((await fixture.Queue.ListAsync(new JobQuery(10), default)).Jobs);
        for (var i = 0; i < 5; i++)
        {
            await fixture.EnqueueAsync($"{i}");
            fixture.Time.Advance(TimeSpan.FromMilliseconds(0.5));
        }
        var first = await fixture.Queue.ListAsync(new JobQuery(3), default);
        Assert.Equal(["4", "3", "2"], first.Jobs.Select(job => job.Request.Title));
        // A job that comes meanwhile moves nothing.
        await fixture.EnqueueAsync("5");
        Assert.True(JobCursor.TryParse(first.Next.ToString(), out var next));
        var second = await fixture.Queue.ListAsync(new JobQuery(3, After: next), default);
        Assert.Equal(["1", "0"], second.Jobs.Select(job => job.Request.Title));
        Assert.Null(second.Next);
        Assert.Null((await fixture.Queue.ListAsync(new JobQuery(6), default)).Next);
        Assert.Empty((await fixture.Queue.ListAsync(new JobQuery(0), default)).Jobs);
    }

    [Fact]
    public async Task Jobs_of_one_moment_are_each_on_one_page()
    {
        var fixture = await CreateAsync();
        var ids = new List<JobId>();
        for (var i = 0; i < 7; i++)
            ids.Add(await fixture.EnqueueAsync());
        Assert.Equal(
            ids.Select(i => i.Value).Order(StringComparer.Ordinal),
            (await AllAsync(fixture, new JobQuery(2))).Select(j => j.Id.Value).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Jobs_are_listed_by_where_they_stand()
    {
        var fixture = await CreateAsync();
        for (var i = 0; i < 6; i++)
        {
            await fixture.EnqueueAsync($"{i}");
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
        }
        await fixture.Queue.CompleteAsync(await fixture.ClaimAsync(), default);
        await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "broken", canRetry: false, default);
        await fixture.ClaimAsync();
        await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "broken", canRetry: true, default);
        async Task<string> TitlesAsync(JobStatus status) =>
            string.Join(' ', (await AllAsync(fixture, new JobQuery(1, status))).Select(j => j.Request.Title));
        Assert.Equal(
            ("5 4", "2", "3", "0", "1", ""),
            (
                await TitlesAsync(JobStatus.Queued),
                await TitlesAsync(JobStatus.Running),
                await TitlesAsync(JobStatus.Retrying),
                await TitlesAsync(JobStatus.Completed),
                await TitlesAsync(JobStatus.Failed),
                await TitlesAsync(JobStatus.Canceled)
            )
        );
    }

    [Fact]
    public async Task The_dead_letters_are_the_jobs_that_failed_and_were_neither_retried_nor_forgotten()
    {
        var fixture = await CreateAsync();
        var dead = new JobKeys(fixture.Options.KeyPrefix).All[6];
        async Task<string[]> DeadAsync() =>
            [.. (await _connections[^1].GetDatabase().SortedSetRangeByRankAsync(dead)).Select(id => id.ToString())];
        var (retried, forgotten) = (await fixture.EnqueueAsync(), await fixture.EnqueueAsync());
        await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "broken", canRetry: false, default);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await fixture.Queue.FailAsync(await fixture.ClaimAsync(), "broken", canRetry: false, default);
        Assert.Equal([retried.Value, forgotten.Value], await DeadAsync());
        await fixture.Queue.RetryAsync(retried, 0, default);
        Assert.Equal([forgotten.Value], await DeadAsync());
        fixture.Time.Advance(fixture.Options.JobTimeToLive + TimeSpan.FromSeconds(1));
        await fixture.ClaimAsync();
        Assert.Empty(await DeadAsync());
    }

    private static async Task<List<Job>> AllAsync(Fixture fixture, JobQuery query)
    {
        var jobs = new List<Job>();
        for (var pages = 0; pages < 100; pages++)
        {
            var page = await fixture.Queue.ListAsync(query, default);
            jobs.AddRange(page.Jobs);
            if (page.Next is null)
                return jobs;
            query = query with { After = page.Next };
        }
        throw new InvalidOperationException("The list has no end.");
    }
}
