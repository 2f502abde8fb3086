using System.Diagnostics;
using EventStreams.Log;
using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Publishing;

/// <summary>Publishes by one script call, which is atomic; a large batch is split into several, which are in flight together.</summary>
internal sealed class RedisEventPublisher : IEventPublisher
{
    /// <summary>Events of a call at the most. Bounds how long one call keeps Redis from everybody else.</summary>
    public const int EventsPerCall = 100;

    // Enough to keep Redis busy while answers travel; few enough that none waits so long behind the others that it seems lost.
    private const int CallsInFlight = 16;
    private const int BytesInFlight = 4 * 1024 * 1024;

    // Longer than any call may take, and no longer, since nobody comes back to it.
    private static readonly TimeSpan OwnProducerTimeToLive = TimeSpan.FromMinutes(2);

    private readonly RedisScriptRunner _scripts;
    private readonly EventStreamsOptions _options;
    private readonly EventStreamsMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly JoinedPublishes _joined;

    public RedisEventPublisher(
        RedisScriptRunner scripts,
        IOptions<EventStreamsOptions> options,
        EventStreamsMetrics metrics,
        TimeProvider time
    )
    {
        (_scripts, _options, _metrics, _time) = (scripts, options.Value, metrics, time);
        _joined = new JoinedPublishes(call => RunAsync(call, _options.ProducerTimeToLive, CancellationToken.None));
    }

    public async ValueTask<PublishResult> PublishAsync(
        Topic topic,
        EventMessage message,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default
    ) => (await PublishAllAsync(topic, [message], options ?? PublishOptions.None, cancellationToken))[0];

    public async ValueTask<IReadOnlyList<PublishResult>> PublishAsync(
        Topic topic,
        IReadOnlyList<EventMessage> messages,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default
    ) => await PublishAllAsync(topic, messages, options ?? PublishOptions.None, cancellationToken);

    public async ValueTask<PublishResult> EndAsync(
        Topic topic,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default
    ) => (await PublishAllAsync(topic, [], (options ?? PublishOptions.None) with { End = true }, cancellationToken))[0];

    private async ValueTask<IReadOnlyList<PublishResult>> PublishAllAsync(
        Topic topic,
        IReadOnlyList<EventMessage> messages,
        PublishOptions options,
        CancellationToken cancellationToken
    )
    {
        foreach (var message in messages)
            PublishValidation.Check(message, _options.MaxPayloadBytes);
        PublishValidation.Check(options, messages.Count);
        if (messages.Count == 0 && !options.End)
            return [];
        cancellationToken.ThrowIfCancellationRequested();

        using var activity = StartActivity(topic, messages.Count);
        try
        {
            var results = await RunAsync(topic, messages, options, activity, cancellationToken);
            if (activity is { IsAllDataRequested: true })
                activity.SetTag("messaging.message.id", results[0].Id.ToString());
            _metrics.Published(results);
            return results;
        }
        catch (Exception e) when (e is EventStreamUnavailableException or RedisException)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            _metrics.PublishFailed(messages.Count);
            throw;
        }
    }

    private Task<PublishResult[]> RunAsync(
        Topic topic,
        IReadOnlyList<EventMessage> messages,
        PublishOptions options,
        Activity? activity,
        CancellationToken cancellationToken
    )
    {
        var (now, traceParent) = (_time.GetUtcNow(), activity is { Recorded: true } ? activity.Id : null);
        var events = new OutgoingEvent[messages.Count];
        for (var i = 0; i < events.Length; i++)
            events[i] = new OutgoingEvent(messages[i], LogEntry.Header(messages[i].Type, now, traceParent));
        if (events.Length == 1 && options == PublishOptions.None)
            return _joined.RunAsync(topic, events[0]);
        // What was asked for before goes out before.
        _joined.Flush(topic);
        var call = new PublishCall(topic, events, options, LogEntry.Header(StreamEventTypes.End, now, traceParent));
        return events.Length <= EventsPerCall
            ? RunAsync(call, _options.ProducerTimeToLive, cancellationToken)
            : PublishLargeAsync(call, cancellationToken);
    }

    // The calls are in flight together. The client keeps them in order on a connection that lives; but between two of them it may break, or
    // Redis turn out to have lost the script. So each but the first demands that its predecessor is stored, for which a batch without a
    // producer gets one of its own: whatever happens, a batch that is not stored whole is stored up to some event.
    private async Task<PublishResult[]> PublishLargeAsync(PublishCall batch, CancellationToken cancellationToken)
    {
        var hasProducer = batch.Options.ProducerId is not null;
        var options = hasProducer ? batch.Options : batch.Options with { ProducerId = $"batch-{EventIds.NewEpoch()}", Sequence = 1 };
        var timeToLive = hasProducer ? _options.ProducerTimeToLive : OwnProducerTimeToLive;
        var results = new List<PublishResult>(batch.Events.Length);
        var calls = new List<Task<PublishResult[]>>(CallsInFlight);
        while (results.Count < batch.Events.Length)
        {
            var next = results.Count;
            var bytes = 0L;
            while (next < batch.Events.Length && calls.Count < CallsInFlight && bytes < BytesInFlight)
            {
                var events = batch.Events.Slice(next, Math.Min(EventsPerCall, batch.Events.Length - next));
                foreach (var (message, _) in events.Span)
                    bytes += message.Payload.Length;
                var part = batch with
                {
                    Events = events,
                    Options = PartOf(options, next, isLast: next + events.Length == batch.Events.Length),
                };
                calls.Add(RunAsync(part, timeToLive, cancellationToken));
                next += events.Length;
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
                    return [.. Enumerable.Repeat(answer[0], batch.Events.Length)];
            }
            if (results.Count == before)
                throw new EventStreamUnavailableException(
                    "Redis has lost the topic's log while a batch was being published; publish the batch again."
                );
            calls.Clear();
        }
        return [.. results];
    }

    private static PublishOptions PartOf(PublishOptions options, int start, bool isLast) =>
        options with
        {
            Sequence = options.Sequence + start,
            InSequence = options.InSequence || start > 0,
            Reopen = options.Reopen && start == 0,
            Clear = options.Clear && start == 0,
            End = options.End && isLast,
        };

    private async Task<PublishResult[]> RunAsync(PublishCall call, TimeSpan producerTimeToLive, CancellationToken cancellationToken)
    {
        var keys = new TopicKeys(_options.KeyPrefix, call.Topic);
        var isCluster = await _scripts.IsClusterAsync(cancellationToken);
        var values = call.Arguments(keys, _options.LimitsOf(call.Topic), producerTimeToLive, isCluster, _scripts.Database);
        return call.ParseReply(await _scripts.PublishAsync(call.Keys(keys), values, keys.Mark, cancellationToken));
    }

    private static Activity? StartActivity(Topic topic, int count)
    {
        if (!EventStreamsTelemetry.Source.HasListeners())
            return null;
        var activity = EventStreamsTelemetry.Source.StartActivity($"publish {topic.Name}", ActivityKind.Producer);
        activity?.SetTag("messaging.system", "redis");
        activity?.SetTag("messaging.operation", "publish");
        activity?.SetTag("messaging.operation.type", "send");
        activity?.SetTag("messaging.destination.name", topic.Name);
        activity?.SetTag("messaging.batch.message_count", count);
        return activity;
    }
}
