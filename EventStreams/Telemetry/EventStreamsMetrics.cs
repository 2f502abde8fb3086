using System.Diagnostics.Metrics;

namespace EventStreams.Telemetry;

/// <summary>The library's instruments, named after the OpenTelemetry conventions: dotted lower case, units by UCUM.</summary>
internal sealed class EventStreamsMetrics
{
    private readonly Meter _meter;
    private readonly Counter<long> _published;
    private readonly Counter<long> _delivered;
    private readonly Histogram<double> _latency;
    private readonly UpDownCounter<long> _streams;
    private readonly UpDownCounter<long> _subscriptions;
    private readonly Counter<long> _replays;
    private readonly Counter<long> _gaps;
    private readonly Counter<long> _heals;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _damaged;
    private readonly Counter<long> _expired;
    private long _deliveredSoFar;

    public EventStreamsMetrics(IMeterFactory factory, InstanceKey? instance = null)
    {
        _meter = factory.Create(
            new MeterOptions(EventStreamsTelemetry.Name) { Tags = instance?.Value is { } key ? [new("eventstreams.instance", key)] : null }
        );
        _published = _meter.CreateCounter<long>(
            "eventstreams.events.published",
            "{event}",
            "Events that were to be published, by outcome: published, duplicate, fenced, ended, out_of_order, unavailable."
        );
        _delivered = _meter.CreateCounter<long>(
            "eventstreams.events.delivered",
            "{event}",
            "Events written to streams: one for each event and stream."
        );
        _latency = _meter.CreateHistogram(
            "eventstreams.delivery.duration",
            "s",
            "From the publisher's clock to the end of the pass that wrote the event to every stream ready for it.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
            }
        );
        _streams = _meter.CreateUpDownCounter<long>("eventstreams.streams.open", "{stream}", "Open streams.");
        _subscriptions = _meter.CreateUpDownCounter<long>(
            "eventstreams.subscriptions",
            "{subscription}",
            "Topics that this replica is subscribed to."
        );
        _replays = _meter.CreateCounter<long>(
            "eventstreams.replays",
            "{stream}",
            "Requests for a stream, by outcome: fresh (without a cursor), state (with the topic's state), resumed (with everything since "
                + "the cursor), gap (something was gone), ended (204), gone (the client left), unavailable, draining, overloaded, refused "
                + "(401 or 403)."
        );
        _expired = _meter.CreateCounter<long>(
            "eventstreams.streams.expired",
            "{stream}",
            "Streams ended because their client may not follow any longer, by reason: expired, revoked."
        );
        _gaps = _meter.CreateCounter<long>("eventstreams.gaps", "{gap}", "Gaps told to clients, by reason: one for each gap and stream.");
        _heals = _meter.CreateCounter<long>(
            "eventstreams.heals",
            "{heal}",
            "Times that a replica found in the log what Pub/Sub had not brought, by cause."
        );
        _dropped = _meter.CreateCounter<long>(
            "eventstreams.streams.dropped",
            "{stream}",
            "Streams closed because their client did not take the bytes."
        );
        _rejected = _meter.CreateCounter<long>(
            "eventstreams.streams.rejected",
            "{stream}",
            "Streams turned away, to come back later, by reason: replica or address (as many streams as allowed), draining, unavailable."
        );
        _reconnects = _meter.CreateCounter<long>(
            "eventstreams.redis.reconnects",
            "{reconnect}",
            "Times that a subscribing connection came back."
        );
        _damaged = _meter.CreateCounter<long>(
            "eventstreams.damaged",
            "{entry}",
            "What could not be read, as something else has written there, by place: channel, log, state, position."
        );
    }

    /// <summary>Events delivered since the process began, whether somebody reads the instruments or not.</summary>
    public long DeliveredSoFar => Volatile.Read(ref _deliveredSoFar);

    public bool MeasuresLatency => _latency.Enabled;

    /// <summary>Has the bytes asked for whenever the instruments are read.</summary>
    public void ObserveBufferedBytes(Func<long> bytes) =>
        // It adds up over topics and replicas, which a gauge would not say.
        _meter.CreateObservableUpDownCounter(
            "eventstreams.buffer.size",
            bytes,
            "By",
            "Bytes of the newest events of every served topic, held once for all its streams."
        );

    public void Published(IReadOnlyList<PublishResult> results)
    {
        if (!_published.Enabled)
            return;
        // Nearly always all of them ended alike, and an instrument is told once for a run of those.
        for (var from = 0; from < results.Count; )
        {
            var to = from + 1;
            while (to < results.Count && results[to].Outcome == results[from].Outcome)
                to++;
            _published.Add(to - from, new KeyValuePair<string, object?>("outcome", OutcomeName(results[from].Outcome)));
            from = to;
        }
    }

    public void PublishFailed(int count) => _published.Add(Math.Max(1, count), new KeyValuePair<string, object?>("outcome", "unavailable"));

    public void Delivered(long events)
    {
        Interlocked.Add(ref _deliveredSoFar, events);
        _delivered.Add(events);
    }

    public void DeliveryLatency(double seconds) => _latency.Record(seconds);

    public void StreamOpened() => _streams.Add(1);

    public void StreamClosed() => _streams.Add(-1);

    public void Subscribed() => _subscriptions.Add(1);

    public void Unsubscribed() => _subscriptions.Add(-1);

    public void Replay(string outcome) => _replays.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Gap(string reason) => _gaps.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Healed(string cause) => _heals.Add(1, new KeyValuePair<string, object?>("cause", cause));

    public void Dropped() => _dropped.Add(1);

    public void Expired(bool isRevoked) => _expired.Add(1, new KeyValuePair<string, object?>("reason", isRevoked ? "revoked" : "expired"));

    public void Rejected(string outcome, string reason)
    {
        Replay(outcome);
        _rejected.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    public void Reconnected() => _reconnects.Add(1);

    public void Damaged(string place) => _damaged.Add(1, new KeyValuePair<string, object?>("place", place));

    private static string OutcomeName(PublishOutcome outcome) =>
        outcome switch
        {
            PublishOutcome.Published => "published",
            PublishOutcome.Duplicate => "duplicate",
            PublishOutcome.Fenced => "fenced",
            PublishOutcome.Ended => "ended",
            _ => "out_of_order",
        };
}
