using System.Diagnostics;
using EventStreams.Telemetry;

namespace EventStreams.Fanout;

/// <summary>One delivery span for an event and replica, linked to the publish span, and the delivery latency: never anything for a single
/// client.</summary>
internal sealed class DeliveryTelemetry(Topic topic, FrameRing ring, EventStreamsMetrics metrics)
{
    private readonly List<Frame> _frames = [];

    /// <summary>A pass has written the ring's frames between two positions to the streams that were ready. Calls come one after the other,
    /// and each position in one of them.</summary>
    public void Pumped(long from, long head, int streams)
    {
        var isTraced = EventStreamsTelemetry.Source.HasListeners();
        // Without streams nothing was delivered.
        if (streams == 0 || (!isTraced && !metrics.MeasuresLatency))
            return;
        lock (ring.Gate)
        {
            // What was history when the replica came to the topic is replayed, however old it is; its age is no latency.
            for (var position = Math.Max(from, Math.Max(ring.Oldest, ring.LiveFrom)); position < head; position++)
                _frames.Add(ring[position]);
        }
        var now = Log.LogEntry.UnixMicroseconds(DateTimeOffset.UtcNow);
        foreach (var frame in _frames)
        {
            if (frame.Kind == FrameKind.Gap)
                continue;
            metrics.DeliveryLatency(Math.Max(0, now - frame.PublishedAt) / 1e6);
            if (
                isTraced
                && frame.TraceParent is not null
                && ActivityContext.TryParse(frame.TraceParent, null, isRemote: true, out var publish)
            )
                Trace(frame, publish, streams);
        }
        _frames.Clear();
    }

    private void Trace(Frame frame, ActivityContext publish, int streams)
    {
        // A child of the publish span, so that one trace shows the event's whole way; the link says the same to tools that read messaging
        // conventions.
        using var activity = EventStreamsTelemetry.Source.StartActivity(
            ActivityKind.Consumer,
            publish,
            links: [new ActivityLink(publish)],
            name: $"deliver {topic.Name}",
            startTime: DateTimeOffset.UnixEpoch.AddTicks(frame.PublishedAt * 10)
        );
        activity?.SetTag("messaging.system", "redis");
        activity?.SetTag("messaging.operation", "deliver");
        activity?.SetTag("messaging.operation.type", "process");
        activity?.SetTag("messaging.destination.name", topic.Name);
        activity?.SetTag("messaging.message.id", frame.Id.ToString());
        activity?.SetTag("eventstreams.streams", streams);
    }
}
