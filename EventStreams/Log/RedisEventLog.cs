using System.Globalization;
using System.Text.Json;
using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Log;

/// <summary>The log on Redis: a list of entries and a hash with the position, read by one script so that both are of the same instant.</summary>
/// <remarks>Others may have written to the keys. An entry that cannot be read is told in its place; where the position cannot be read, the topic is unavailable until somebody has put that right.</remarks>
internal sealed class RedisEventLog(RedisScriptRunner scripts, IOptions<EventStreamsOptions> options, EventStreamsMetrics metrics) : IEventLog
{
    private readonly JoinedReads _reads = new(scripts, options.Value);

    private const int FixedFields = 8;

    public async ValueTask<LogPosition> GetPositionAsync(Topic topic, CancellationToken cancellationToken = default) =>
        (await ReadAsync(topic, 0, 0, cancellationToken)).Position;

    public async ValueTask<LogPage> ReadAsync(Topic topic, long afterOffset, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return await ReadAsync(topic, afterOffset, limit, isState: false, cancellationToken);
    }

    public async ValueTask<LogPage> ReadTailAsync(Topic topic, int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return await ReadAsync(topic, -count, count, isState: false, cancellationToken);
    }

    public ValueTask<LogPage> ReadStateAsync(Topic topic, CancellationToken cancellationToken = default) => ReadAsync(topic, 0, 0, isState: true, cancellationToken);

    private async ValueTask<LogPage> ReadAsync(Topic topic, long after, int limit, bool isState, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var reply = await _reads.RunAsync(new LogRead(topic, after, limit, isState));
            if (reply.Length == 0)
                return new LogPage(new LogPosition(null, 1, null), null, []);
            var (position, before) = ParsePosition(reply);
            var entries = reply.AsSpan(FixedFields);
            return new LogPage(position, before, isState ? ParseState(entries) : ParseRun(topic, entries, position, Math.Max((long)reply[6] + 1, position.FirstOffset)));
        }
        catch (Exception e) when (e is RedisServerException or FormatException or OverflowException or InvalidCastException)
        {
            metrics.Damaged("position");
            throw new EventStreamUnavailableException($"The log of the topic {topic} cannot be read; its keys must be written by this library alone. {e.Message}", e);
        }
    }

    private static (LogPosition Position, EventId? Before) ParsePosition(RedisResult[] reply)
    {
        var epoch = (string)reply[0]!;
        var end = (long)reply[3];
        var position = new LogPosition(IdOf(epoch, reply[1], reply[2]), (long)reply[5], end == 0 ? null : IdOf(epoch, reply[3], reply[4]));
        return (position, (string)reply[7]! is { Length: > 0 } ? IdOf(epoch, reply[6], reply[7]) : null);
    }

    // Read back as a client would bring it, so that no id goes out that would not be taken.
    private static EventId IdOf(string epoch, RedisResult offset, RedisResult check) =>
        EventId.TryParse(string.Create(CultureInfo.InvariantCulture, $"{epoch}-{(long)offset}-{(string)check!}"), out var id)
            ? id
            : throw new FormatException("An id in the topic's position is malformed.");

    // Offsets have no holes, so an entry's place says which it must be.
    private StreamEvent[] ParseRun(Topic topic, ReadOnlySpan<RedisResult> entries, LogPosition position, long first)
    {
        var epoch = position.Tail!.Value.Epoch;
        var events = new StreamEvent[entries.Length];
        for (var i = 0; i < events.Length; i++)
        {
            var e = LogEntry.TryParse((byte[])entries[i]!);
            events[i] = e is not null && e.Id.Offset == first + i && e.Id.Epoch == epoch ? e : Damaged(topic, position, new EventId(epoch, first + i));
        }
        return events;
    }

    private StreamEvent[] ParseState(ReadOnlySpan<RedisResult> entries)
    {
        var events = new List<StreamEvent>(entries.Length);
        foreach (var entry in entries)
        {
            if (LogEntry.TryParse((byte[])entry!) is { } e)
                events.Add(e);
            else
                metrics.Damaged("state");
        }
        return [.. events.OrderBy(e => e.Id.Offset)];
    }

    private StreamEvent Damaged(Topic topic, LogPosition position, EventId id)
    {
        metrics.Damaged("log");
        // That the topic ends here is known otherwise.
        if (position.End is { } end && end.Offset == id.Offset)
            return new StreamEvent(end, StreamEventTypes.End, "{}"u8.ToArray(), DateTimeOffset.UtcNow);
        var gap = new StreamGap(StreamGap.Damaged, id.Offset, id.Offset, id.ToString(), options.Value.SnapshotUrl?.Invoke(topic), topic.Name);
        return new StreamEvent(id, StreamEventTypes.Gap, JsonSerializer.SerializeToUtf8Bytes(gap, JsonSerializerOptions.Web), DateTimeOffset.UtcNow);
    }
}
