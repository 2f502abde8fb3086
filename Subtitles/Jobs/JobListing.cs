using StackExchange.Redis;

namespace Subtitles.Jobs;

/// <summary>Reads pages of the list of jobs. One call looks at a bounded number of jobs, so a page of a rare status may come short, with a
/// cursor to go on.</summary>
internal sealed class JobListing(QueueCalls calls, JobKeys keys)
{
    private const int Chunk = 250;
    private const int MaxLookedAt = 2000;

    public async Task<JobPage> ReadAsync(JobQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Take);
        var jobs = new List<Job>();
        var (last, lookedAt) = (query.After, query.After);
        for (var count = 0; query.Take > 0; )
        {
            var entries = await ReadChunkAsync(query.Owner, lookedAt, cancellationToken);
            if (entries.Count == 0)
                return new JobPage(jobs, null);
            var documents = await calls.RunAsync(
                database => database.HashGetAsync(keys.Documents, [.. entries.Select(e => (RedisValue)e.Id.Value)]),
                cancellationToken
            );
            for (var i = 0; i < entries.Count; i++)
            {
                // One may have been forgotten between the two reads.
                if (
                    !documents[i].IsNull
                    && JobDocument.ReadOrSkip((byte[])documents[i]!) is { IsDeleted: false } job
                    && (query.Status is null || job.Status == query.Status)
                )
                {
                    // One more than asked for shows that there is a next page.
                    if (jobs.Count == query.Take)
                        return new JobPage(jobs, last);
                    jobs.Add(job);
                    last = entries[i];
                }
                lookedAt = entries[i];
            }
            if ((count += entries.Count) >= MaxLookedAt)
                return new JobPage(jobs, lookedAt);
        }
        return new JobPage(jobs, null);
    }

    private async Task<List<JobCursor>> ReadChunkAsync(string? owner, JobCursor? after, CancellationToken cancellationToken)
    {
        if (owner is not null)
            return await ReadOwnedAsync(owner, after, cancellationToken);
        var entries = await calls.RunAsync(
            database =>
                database.SortedSetRangeByScoreWithScoresAsync(
                    keys.Created,
                    double.NegativeInfinity,
                    after?.CreatedMicroseconds ?? double.PositiveInfinity,
                    Exclude.None,
                    Order.Descending,
                    0,
                    Chunk
                ),
            cancellationToken
        );
        var places = new List<JobCursor>(entries.Length);
        foreach (var entry in entries)
        {
            // Jobs of the same microsecond stand in the order of their ids, the highest first here.
            if (
                JobId.TryParse(entry.Element, out var id)
                && !(
                    after is { } place
                    && (long)entry.Score == place.CreatedMicroseconds
                    && string.CompareOrdinal(id.Value, place.Id.Value) >= 0
                )
            )
                places.Add(new JobCursor((long)entry.Score, id));
        }
        return places;
    }

    private async Task<List<JobCursor>> ReadOwnedAsync(string owner, JobCursor? after, CancellationToken cancellationToken)
    {
        var prefix = JobOwner.KeyOf(owner);
        RedisValue start = after is { } place ? JobKeys.PlaceOf(owner, place) : prefix + ":";
        // ';' follows ':'.
        var names = await calls.RunAsync(
            database =>
                database.SortedSetRangeByValueAsync(
                    keys.Owned,
                    start,
                    prefix + ";",
                    after is null ? Exclude.None : Exclude.Start,
                    Order.Ascending,
                    0,
                    Chunk
                ),
            cancellationToken
        );
        var places = new List<JobCursor>(names.Length);
        foreach (var name in names)
        {
            if (JobKeys.TryReadPlace(name.ToString(), out var found))
                places.Add(found);
        }
        return places;
    }
}
