using System.Globalization;
using EventStreams.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Log;

/// <summary>The log on Redis: a list of entries and a hash with the position, read by one script so that both are of the same instant.</summary>
internal sealed class RedisEventLog(RedisScriptRunner scripts, IOptions<EventStreamsOptions> options) : IEventLog
{
    private const int FixedFields = 8;

    public async ValueTask<LogPosition> GetPositionAsync(Topic topic, CancellationToken cancellationToken = default) =>
        (await ReadAsync(topic, 0, 0, cancellationToken)).Position;

    public async ValueTask<LogPage> ReadAsync(Topic topic, long afterOffset, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return await ReadRunAsync(topic, afterOffset, limit, cancellationToken);
    }

    public async ValueTask<LogPage> ReadTailAsync(Topic topic, int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return await ReadRunAsync(topic, -count, count, cancellationToken);
    }

    public async ValueTask<LogPage> ReadStateAsync(Topic topic, CancellationToken cancellationToken = default)
    {
        var keys = new TopicKeys(options.Value.KeyPrefix, topic);
        var reply = await scripts.RunAsync(RedisScript.Read, [keys.Meta, keys.Log, keys.State], [0, 0], cancellationToken);
        var page = ParsePage((RedisResult[])reply!);
        return page with { Events = [.. page.Events.OrderBy(e => e.Id.Offset)] };
    }

    private async ValueTask<LogPage> ReadRunAsync(Topic topic, long after, int limit, CancellationToken cancellationToken)
    {
        var keys = new TopicKeys(options.Value.KeyPrefix, topic);
        var reply = await scripts.RunAsync(RedisScript.Read, [keys.Meta, keys.Log], [after, limit], cancellationToken);
        return ParsePage((RedisResult[])reply!);
    }

    private static LogPage ParsePage(RedisResult[] reply)
    {
        if (reply.Length == 0)
            return new LogPage(new LogPosition(null, 1, null), null, []);
        var epoch = (string)reply[0]!;
        var end = (long)reply[3];
        var position = new LogPosition(
            new EventId(epoch, (long)reply[1], ParseCheck(reply[2])),
            (long)reply[5],
            end == 0 ? null : new EventId(epoch, end, ParseCheck(reply[4])));
        EventId? before = (string)reply[7]! is { Length: > 0 } proof ? new EventId(epoch, (long)reply[6], ParseCheck(proof)) : null;
        var events = new StreamEvent[reply.Length - FixedFields];
        for (var i = 0; i < events.Length; i++)
            events[i] = LogEntry.Parse((byte[])reply[i + FixedFields]!);
        return new LogPage(position, before, events);
    }

    private static uint ParseCheck(RedisResult text) => ParseCheck((string)text!);

    private static uint ParseCheck(string text) => uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
