using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Subtitles.Jobs;

/// <summary>How much waits in the queue.</summary>
/// <param name="Ready">Jobs that wait for a worker.</param>
/// <param name="Delayed">Jobs that wait for their next attempt.</param>
/// <param name="Running">Jobs that are leased.</param>
/// <param name="OldestAge">Since when the job that comes next was submitted; zero when none is ready.</param>
public sealed record QueueLength(long Ready, long Delayed, long Running, TimeSpan OldestAge);

/// <summary>Reads how much waits.</summary>
public sealed class QueueStatistics(IConnectionMultiplexer connection, IOptions<JobsOptions> options, TimeProvider time)
{
    private readonly QueueCalls _calls = new(connection, options);
    private readonly JobKeys _keys = new(options.Value.KeyPrefix);

    /// <summary>Reads, from one moment for each number.</summary>
    /// <exception cref="EventStreams.EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public async Task<QueueLength> ReadAsync(CancellationToken cancellationToken)
    {
        var next = await _calls.RunAsync(database => database.SortedSetRangeByRankAsync(_keys.Waiting, 0, 0), cancellationToken);
        var document = next is [var place]
            ? await _calls.RunAsync(database => database.HashGetAsync(_keys.Documents, JobKeys.IdOf(place)), cancellationToken)
            : RedisValue.Null;
        return new QueueLength(
            await _calls.RunAsync(database => database.SortedSetLengthAsync(_keys.Waiting), cancellationToken),
            await _calls.RunAsync(database => database.SortedSetLengthAsync(_keys.Delayed), cancellationToken),
            await _calls.RunAsync(database => database.SortedSetLengthAsync(_keys.Leases), cancellationToken),
            !document.IsNull && JobDocument.ReadOrSkip((byte[])document!) is { } oldest
                ? time.GetUtcNow() - oldest.CreatedAt
                : TimeSpan.Zero
        );
    }
}
