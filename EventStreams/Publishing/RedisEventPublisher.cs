using System.Diagnostics;
using System.Globalization;
using EventStreams.Log;
using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Publishing;

/// <summary>Publishes by one script call, which is atomic; a large batch is split into several.</summary>
internal sealed class RedisEventPublisher(
    RedisScriptRunner scripts, IOptions<EventStreamsOptions> options, EventStreamsMetrics metrics, TimeProvider time) : IEventPublisher
{
    // Bounds how long one call keeps Redis from everybody else.
    private const int EventsPerCall = 100;
    private const int FieldsPerEvent = 4;
    private const int FixedFields = 13;

    public async ValueTask<PublishResult> PublishAsync(
        Topic topic, EventMessage message, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        (await PublishAllAsync(topic, [message], options ?? PublishOptions.None, cancellationToken))[0];

    public ValueTask<IReadOnlyList<PublishResult>> PublishAsync(
        Topic topic, IReadOnlyList<EventMessage> messages, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        PublishAllAsync(topic, messages, options ?? PublishOptions.None, cancellationToken);

    public async ValueTask<PublishResult> EndAsync(Topic topic, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        (await PublishCallAsync(topic, [], 0, 0, (options ?? PublishOptions.None) with { End = true }, cancellationToken))[^1];

    private async ValueTask<IReadOnlyList<PublishResult>> PublishAllAsync(
        Topic topic, IReadOnlyList<EventMessage> messages, PublishOptions demands, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
            PublishValidation.Check(message, options.Value.MaxPayloadBytes);
        PublishValidation.Check(demands);
        if (messages.Count <= EventsPerCall)
            return await PublishCallAsync(topic, messages, 0, messages.Count, demands, cancellationToken);

        // One after the other: the client may reorder calls in flight, and a producer's later numbers would then make duplicates of its earlier ones.
        var results = new List<PublishResult>(messages.Count);
        for (var start = 0; start < messages.Count; start += EventsPerCall)
        {
            var count = Math.Min(EventsPerCall, messages.Count - start);
            var part = demands with
            {
                Sequence = demands.Sequence > 0 ? demands.Sequence + start : 0,
                Reopen = demands.Reopen && start == 0,
                End = demands.End && start + count == messages.Count,
            };
            results.AddRange(await PublishCallAsync(topic, messages, start, count, part, cancellationToken));
        }
        return results;
    }

    private async ValueTask<List<PublishResult>> PublishCallAsync(
        Topic topic, IReadOnlyList<EventMessage> messages, int start, int count, PublishOptions demands, CancellationToken cancellationToken)
    {
        if (count == 0 && !demands.End)
            return [];
        using var activity = EventStreamsTelemetry.Source.StartActivity($"publish {topic.Name}", ActivityKind.Producer);
        activity?.SetTag("messaging.system", "redis");
        activity?.SetTag("messaging.destination.name", topic.Name);
        activity?.SetTag("messaging.batch.message_count", count);

        var keys = new TopicKeys(options.Value.KeyPrefix, topic);
        RedisKey[] scriptKeys = [keys.Meta, keys.Log, keys.State, demands.ProducerId is { } producer ? keys.Producer(producer) : keys.Meta];
        var values = BuildArguments(keys, messages, start, count, demands, activity, await scripts.IsClusterAsync(cancellationToken));
        try
        {
            var reply = (RedisResult[])(await scripts.RunAsync(RedisScript.Publish, scriptKeys, values, cancellationToken))!;
            var results = ParseReply(reply, count + (demands.End ? 1 : 0));
            activity?.SetTag("messaging.message.id", results[0].Id.ToString());
            metrics.Published(results);
            return demands.End && count > 0 ? results[..count] : results;
        }
        catch (Exception e) when (e is EventStreamUnavailableException or RedisException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            metrics.PublishFailed(count);
            throw;
        }
    }

    private RedisValue[] BuildArguments(
        TopicKeys keys, IReadOnlyList<EventMessage> messages, int start, int count, PublishOptions demands, Activity? activity, bool isCluster)
    {
        var settings = options.Value;
        var now = time.GetUtcNow();
        var traceParent = activity is { Recorded: true } ? activity.Id : null;
        var values = new RedisValue[FixedFields + count * FieldsPerEvent];
        values[0] = EventIds.NewEpoch();
        values[1] = now.ToUnixTimeMilliseconds();
        values[2] = settings.MaxLogLength;
        values[3] = (long)settings.LogTimeToLive.TotalMilliseconds;
        values[4] = (long)settings.LogTimeToLive.TotalMilliseconds * 2;
        values[5] = (long)settings.ProducerTimeToLive.TotalMilliseconds;
        values[6] = demands.ProducerId is null ? 0 : demands.Sequence;
        values[7] = demands.FencingToken;
        values[8] = demands.Reopen ? 1 : 0;
        values[9] = demands.End ? EventIds.NewCheck() : "";
        values[10] = LogEntry.Header(StreamEventTypes.End, now, traceParent);
        values[11] = isCluster ? "SPUBLISH" : "PUBLISH";
        values[12] = keys.Channel;
        for (var i = 0; i < count; i++)
        {
            var message = messages[start + i];
            var at = FixedFields + i * FieldsPerEvent;
            values[at] = EventIds.NewCheck();
            values[at + 1] = LogEntry.Header(message.Type, now, traceParent);
            values[at + 2] = message.Key ?? "";
            values[at + 3] = message.Payload;
        }
        return values;
    }

    private static List<PublishResult> ParseReply(RedisResult[] reply, int count)
    {
        var epoch = (string)reply[0]!;
        var results = new List<PublishResult>(count);
        for (var i = 0; i < count; i++)
        {
            var outcome = (string)reply[1 + i * 3]! switch
            {
                "published" => PublishOutcome.Published,
                "duplicate" => PublishOutcome.Duplicate,
                "fenced" => PublishOutcome.Fenced,
                "ended" => PublishOutcome.Ended,
                var other => throw new FormatException($"The publish script answered '{other}'."),
            };
            var check = uint.Parse((string)reply[3 + i * 3]!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            results.Add(new PublishResult(outcome, new EventId(epoch, (long)reply[2 + i * 3], check)));
        }
        return results;
    }
}
