using System.Diagnostics;
using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Publishing;

/// <summary>Publishes by one script call, which is atomic; a large batch is split into several, which are in flight together.</summary>
internal sealed class RedisEventPublisher(
    RedisScriptRunner scripts, IOptions<EventStreamsOptions> options, EventStreamsMetrics metrics, TimeProvider time) : IEventPublisher
{
    // Bounds how long one call keeps Redis from everybody else.
    private const int EventsPerCall = 100;

    // Enough to keep Redis busy while answers travel; few enough that none waits so long behind the others that it seems lost.
    private const int CallsInFlight = 16;
    private const int BytesInFlight = 4 * 1024 * 1024;

    // Longer than any call may take, and no longer, since nobody comes back to it.
    private static readonly TimeSpan OwnProducerTimeToLive = TimeSpan.FromMinutes(2);

    public async ValueTask<PublishResult> PublishAsync(
        Topic topic, EventMessage message, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        (await PublishAllAsync(topic, [message], options ?? PublishOptions.None, cancellationToken))[0];

    public async ValueTask<IReadOnlyList<PublishResult>> PublishAsync(
        Topic topic, IReadOnlyList<EventMessage> messages, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        await PublishAllAsync(topic, messages, options ?? PublishOptions.None, cancellationToken);

    public async ValueTask<PublishResult> EndAsync(Topic topic, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        (await PublishAllAsync(topic, [], (options ?? PublishOptions.None) with { End = true }, cancellationToken))[0];

    private async ValueTask<IReadOnlyList<PublishResult>> PublishAllAsync(
        Topic topic, IReadOnlyList<EventMessage> messages, PublishOptions demands, CancellationToken cancellationToken)
    {
        foreach (var message in messages)
            PublishValidation.Check(message, options.Value.MaxPayloadBytes);
        PublishValidation.Check(demands, messages.Count);
        if (messages.Count == 0 && !demands.End)
            return [];

        using var activity = StartActivity(topic, messages.Count);
        try
        {
            var call = new PublishCall(topic, messages, 0, messages.Count, demands);
            IReadOnlyList<PublishResult> results = messages.Count <= EventsPerCall
                ? await RunAsync(call, options.Value.ProducerTimeToLive, activity, cancellationToken)
                : await PublishLargeAsync(call, activity, cancellationToken);
            if (activity is { IsAllDataRequested: true })
                activity.SetTag("messaging.message.id", results[0].Id.ToString());
            metrics.Published(results);
            return results;
        }
        catch (Exception e) when (e is EventStreamUnavailableException or RedisException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            metrics.PublishFailed(messages.Count);
            throw;
        }
    }

    // The calls are in flight together. The client keeps them in order on a connection that lives; but between two of them it may break, or Redis turn out to have lost the script. So each but the first
    // demands that its predecessor is stored, for which a batch without a producer gets one of its own: whatever happens, a batch that is not stored whole is stored up to some event.
    private async ValueTask<List<PublishResult>> PublishLargeAsync(PublishCall batch, Activity? activity, CancellationToken cancellationToken)
    {
        var hasProducer = batch.Demands.ProducerId is not null;
        var demands = hasProducer ? batch.Demands : batch.Demands with { ProducerId = $"batch-{EventIds.NewEpoch()}", Sequence = 1 };
        var timeToLive = hasProducer ? options.Value.ProducerTimeToLive : OwnProducerTimeToLive;
        var results = new List<PublishResult>(batch.Count);
        var calls = new List<Task<PublishResult[]>>(CallsInFlight);
        while (results.Count < batch.Count)
        {
            var next = results.Count;
            var bytes = 0L;
            while (next < batch.Count && calls.Count < CallsInFlight && bytes < BytesInFlight)
            {
                var count = Math.Min(EventsPerCall, batch.Count - next);
                for (var i = next; i < next + count; i++)
                    bytes += batch.Messages[i].Payload.Length;
                calls.Add(RunAsync(batch with { Start = next, Count = count, Demands = PartOf(demands, next, isLast: next + count == batch.Count) }, timeToLive, activity, cancellationToken).AsTask());
                next += count;
            }
            var before = results.Count;
            foreach (var answer in await Task.WhenAll(calls))
            {
                var isRefused = answer[0].Outcome == PublishOutcome.OutOfOrder;
                // Its predecessor had not been carried out yet, so that neither was it, nor those behind it: they go out again.
                if (isRefused && results.Count > 0)
                    break;
                results.AddRange(answer);
                // The caller's own demand was not met, so that nothing of the batch was stored.
                if (isRefused)
                    return [.. Enumerable.Repeat(answer[0], batch.Count)];
            }
            if (results.Count == before)
                throw new EventStreamUnavailableException("Redis has lost the topic's log while a batch was being published; publish the batch again.");
            calls.Clear();
        }
        return results;
    }

    private static PublishOptions PartOf(PublishOptions demands, int start, bool isLast) => demands with
    {
        Sequence = demands.Sequence + start,
        InSequence = demands.InSequence || start > 0,
        Reopen = demands.Reopen && start == 0,
        Clear = demands.Clear && start == 0,
        End = demands.End && isLast,
    };

    private async ValueTask<PublishResult[]> RunAsync(PublishCall call, TimeSpan producerTimeToLive, Activity? activity, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        var keys = new TopicKeys(settings.KeyPrefix, call.Topic);
        var traceParent = activity is { Recorded: true } ? activity.Id : null;
        var isCluster = await scripts.IsClusterAsync(cancellationToken);
        var values = call.Arguments(keys, settings, producerTimeToLive, time.GetUtcNow(), traceParent, isCluster, scripts.Database);
        return call.ParseReply(await scripts.RunAsync(RedisScript.Publish, call.Keys(keys), values, cancellationToken));
    }

    private static Activity? StartActivity(Topic topic, int count)
    {
        if (!EventStreamsTelemetry.Source.HasListeners())
            return null;
        var activity = EventStreamsTelemetry.Source.StartActivity($"publish {topic.Name}", ActivityKind.Producer);
        activity?.SetTag("messaging.system", "redis");
        activity?.SetTag("messaging.operation.type", "send");
        activity?.SetTag("messaging.destination.name", topic.Name);
        activity?.SetTag("messaging.batch.message_count", count);
        return activity;
    }
}
