using EventStreams.Redis;
using StackExchange.Redis;

namespace EventStreams.Log;

/// <summary>A read of one topic: see <c>read.lua</c>.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="After">The offset after which to read; a negative number asks for that many of the newest.</param>
/// <param name="Limit">Events at the most.</param>
/// <param name="Last">The offset up to which to read; 0 for the newest.</param>
internal readonly record struct LogRead(Topic Topic, long After, int Limit, long Last);

/// <summary>Joins reads that are asked for at the same time into calls of the script: a crowd of topics that are joined, checked or healed
/// together costs few calls. In a cluster each has its own, as topics have no slot in common.</summary>
internal sealed class JoinedReads
{
    private const int CallsInFlight = 2;

    // Bounds how long one call keeps Redis from everybody else.
    private const int TopicsPerCall = 64;
    private const int KeysPerTopic = 2;
    private const int ValuesPerTopic = 3;

    private readonly RedisScriptRunner _scripts;
    private readonly EventStreamsOptions _options;
    private readonly CallBatcher<LogRead, Task<RedisResult[]>> _calls;

    public JoinedReads(RedisScriptRunner scripts, EventStreamsOptions options)
    {
        (_scripts, _options) = (scripts, options);
        _calls = new CallBatcher<LogRead, Task<RedisResult[]>>(CallsInFlight, TopicsPerCall, int.MaxValue, static _ => 0, ReadEachAsync);
    }

    /// <summary>Runs a read.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time.</exception>
    /// <exception cref="RedisServerException">The topic's keys hold something else.</exception>
    public async ValueTask<RedisResult[]> RunAsync(LogRead read) =>
        await _scripts.IsClusterAsync(CancellationToken.None) || !_calls.TryRun(read, out var answer)
            ? (await ReadAsync([read]))[0]
            : await await answer;

    private async Task<Task<RedisResult[]>[]> ReadEachAsync(LogRead[] reads)
    {
        try
        {
            return Array.ConvertAll(await ReadAsync(reads), static reply => Task.FromResult(reply));
        }
        catch (RedisServerException e)
        {
            // One of the topics is damaged, and only the reads of that one are to fail.
            return reads.Length == 1
                ? [Task.FromException<RedisResult[]>(e)]
                : Array.ConvertAll(reads, async read => (await ReadAsync([read]))[0]);
        }
    }

    private async ValueTask<RedisResult[][]> ReadAsync(LogRead[] reads)
    {
        var keys = new RedisKey[reads.Length * KeysPerTopic];
        var values = new RedisValue[1 + reads.Length * ValuesPerTopic];
        values[0] = _options.PageBytes;
        for (var i = 0; i < reads.Length; i++)
        {
            var topic = new TopicKeys(_options.KeyPrefix, reads[i].Topic);
            (keys[i * KeysPerTopic], keys[i * KeysPerTopic + 1]) = (topic.Meta, topic.Log);
            var at = i * ValuesPerTopic;
            (values[at + 1], values[at + 2], values[at + 3]) = (reads[i].After, reads[i].Limit, reads[i].Last);
        }
        var replies = (RedisResult[])(await _scripts.RunAsync(RedisScript.Read, keys, values, CancellationToken.None))!;
        return Array.ConvertAll(replies, static reply => (RedisResult[])reply!);
    }
}
