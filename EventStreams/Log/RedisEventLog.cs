using System.Globalization;
using System.Text.Json;
using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Log;

/// <summary>The log on Redis: a list of entries and a hash with the position, read by one script so that both are of the same
/// instant.</summary>
/// <remarks>Others may have written to the keys. An entry that cannot be read is told in its place; where the position cannot be read, the
/// topic is unavailable until somebody has put that right.</remarks>
internal sealed class RedisEventLog(RedisScriptRunner scripts, IOptions<EventStreamsOptions> options, EventStreamsMetrics metrics)
    : IEventLog
{
    private readonly JoinedReads _reads = new(scripts, options.Value);

    private const int FixedFields = 8;
    private const int FixedStateFields = 7;

    public async ValueTask<LogPosition> GetPositionAsync(Topic topic, CancellationToken cancellationToken = default) =>
        (await ReadAsync(topic, 0, 0, cancellationToken)).Position;

    public async ValueTask<LogPage> ReadAsync(Topic topic, long afterOffset, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return await ReadRunAsync(topic, afterOffset, limit, 0, cancellationToken);
    }

    public async ValueTask<LogPage> ReadTailAsync(Topic topic, int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return await ReadRunAsync(topic, -count, count, 0, cancellationToken);
    }

    public async ValueTask<LogPage> ReadBeforeAsync(
        Topic topic,
        long beforeOffset,
        int limit,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(beforeOffset);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        // Nothing is before the first; and the script takes 0 for the newest.
        return beforeOffset <= 1
            ? await ReadRunAsync(topic, 0, 0, 0, cancellationToken)
            : await ReadRunAsync(topic, -limit, limit, beforeOffset - 1, cancellationToken);
    }

    public ValueTask<StatePage> ReadStateAsync(Topic topic, CancellationToken cancellationToken = default) =>
        ReadStateAsync(topic, null, int.MaxValue, long.MaxValue, cancellationToken);

    public async ValueTask<StatePage> ReadStateAsync(
        Topic topic,
        StateCursor? after,
        int limit,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return await ReadStateAsync(topic, after, limit, options.Value.PageBytes, cancellationToken);
    }

    private ValueTask<LogPage> ReadRunAsync(Topic topic, long after, int limit, long last, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ParsedAsync(
            topic,
            _reads.RunAsync(new LogRead(topic, after, limit, last)).AsTask(),
            reply =>
            {
                if (reply.Length == 0)
                    return new LogPage(new LogPosition(null, 1, null), null, []);
                var position = ParsePosition(reply);
                var before = (string)reply[7]! is { Length: > 0 } ? IdOf((string)reply[0]!, reply[6], reply[7]) : (EventId?)null;
                var events = ParseRun(topic, reply.AsSpan(FixedFields), position, Math.Max((long)reply[6] + 1, position.FirstOffset));
                return new LogPage(position, before, events);
            }
        );
    }

    private async ValueTask<StatePage> ReadStateAsync(
        Topic topic,
        StateCursor? after,
        int limit,
        long bytes,
        CancellationToken cancellationToken
    )
    {
        var keys = new TopicKeys(options.Value.KeyPrefix, topic);
        while (true)
        {
            var read = StateAsync([after?.Offset ?? 0, limit, bytes, after?.AsOf.Offset ?? 0]);
            var page = await ParsedAsync(topic, read, reply => ParseState(reply, after));
            // Of a log that is over, there is nothing to go on with.
            if (after is not { AsOf: var asOf } || page.Position.Tail is { } tail && tail.Epoch == asOf.Epoch && tail.Offset >= asOf.Offset)
                return page;
            after = null;
        }

        async Task<RedisResult[]> StateAsync(RedisValue[] values) =>
            (RedisResult[])
                (
                    await scripts.RunAsync(
                        RedisScript.ReadState,
                        [keys.Meta, keys.Log, keys.State, keys.StateOrder],
                        values,
                        cancellationToken
                    )
                )!;
    }

    private async ValueTask<T> ParsedAsync<T>(Topic topic, Task<RedisResult[]> reading, Func<RedisResult[], T> parse)
    {
        try
        {
            return parse(await reading);
        }
        catch (Exception e) when (e is RedisServerException or FormatException or OverflowException or InvalidCastException)
        {
            metrics.Damaged("position");
            throw new EventStreamUnavailableException(
                $"The log of the topic {topic} cannot be read; its keys must be written by this library alone. {e.Message}",
                e
            );
        }
    }

    private static LogPosition ParsePosition(RedisResult[] reply)
    {
        var epoch = (string)reply[0]!;
        var end = (long)reply[3];
        return new LogPosition(IdOf(epoch, reply[1], reply[2]), (long)reply[5], end == 0 ? null : IdOf(epoch, reply[3], reply[4]));
    }

    // Read back as a client would bring it, so that no id goes out that would not be taken.
    private static EventId IdOf(string epoch, RedisResult offset, RedisResult check) =>
        EventId.TryParse(string.Create(CultureInfo.InvariantCulture, $"{epoch}-{(long)offset}-{(string)check!}"), out var id)
            ? id
            : throw new FormatException("An id in the topic's position is malformed.");

    // Offsets are contiguous, so an entry's place says which it must be.
    private StreamEvent[] ParseRun(Topic topic, ReadOnlySpan<RedisResult> entries, LogPosition position, long first)
    {
        var epoch = position.Tail!.Value.Epoch;
        var events = new StreamEvent[entries.Length];
        for (var i = 0; i < events.Length; i++)
        {
            var e = LogEntry.TryParse((byte[])entries[i]!);
            events[i] =
                e is not null && e.Id.Offset == first + i && e.Id.Epoch == epoch
                    ? e
                    : Damaged(topic, position, new EventId(epoch, first + i));
        }
        return events;
    }

    private StatePage ParseState(RedisResult[] reply, StateCursor? after)
    {
        if (reply.Length == 0)
            return new StatePage(new LogPosition(null, 1, null), null, [], true, null);
        var position = ParsePosition(reply);
        var tail = position.Tail!.Value;
        // Who stands at the end is told that there is nothing more, and would not get it.
        var asOf = after?.AsOf ?? (position.End?.Offset == tail.Offset ? new EventId(tail.Epoch, tail.Offset - 1) : tail);
        var entries = reply.AsSpan(FixedStateFields);
        var events = new List<StreamEvent>(entries.Length / 2);
        for (var i = 0; i < entries.Length; i += 2)
        {
            if (LogEntry.TryParse((byte[])entries[i + 1]!) is { } e)
                events.Add(e with { Key = (string)entries[i]! });
            else
                metrics.Damaged("state");
        }
        var next = (string)reply[6]! is { Length: > 0 } ? new StateCursor(asOf, (long)reply[6]) : (StateCursor?)null;
        return new StatePage(position, asOf, events, after is null, next);
    }

    private StreamEvent Damaged(Topic topic, LogPosition position, EventId id)
    {
        metrics.Damaged("log");
        // That the topic ends here is known otherwise.
        if (position.End is { } end && end.Offset == id.Offset)
            return new StreamEvent(end, StreamEventTypes.End, "{}"u8.ToArray(), DateTimeOffset.UtcNow);
        var gap = new StreamGap(
            StreamGap.Damaged,
            id.Offset,
            id.Offset,
            id.ToString(),
            options.Value.SnapshotUrl?.Invoke(topic),
            topic.Name
        );
        return new StreamEvent(
            id,
            StreamEventTypes.Gap,
            JsonSerializer.SerializeToUtf8Bytes(gap, JsonSerializerOptions.Web),
            DateTimeOffset.UtcNow
        );
    }
}
