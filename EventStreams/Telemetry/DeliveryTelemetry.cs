using System.Diagnostics;
using EventStreams.Fanout;

namespace EventStreams.Telemetry;

/// <summary>One delivery span for an event and replica, linked to the publish span, and the delivery latency: never anything for a single client.</summary>
internal sealed class DeliveryTelemetry(Topic topic, EventStreamsMetrics metrics)
{
    /// <summary>A pass has written the ring's frames between two positions to the streams that were ready.</summary>
    public void Pumped(FrameBatch? batch, long from, long head, int streams)
    {
        // Without streams there was nothing to build a batch for, and nothing was delivered.
        if (batch is null || streams == 0 || batch.From != from || batch.To != head)
            return;
        var isTraced = EventStreamsTelemetry.Source.HasListeners();
        if (!isTraced && !metrics.MeasuresLatency)
            return;
        var now = Log.LogEntry.UnixMicroseconds(DateTimeOffset.UtcNow);
        foreach (var frame in batch.Frames)
        {
            if (frame.Kind == FrameKind.Gap)
                continue;
            metrics.DeliveryLatency(Math.Max(0, now - frame.PublishedAt) / 1e6);
            if (isTraced && frame.TraceParent is not null && ActivityContext.TryParse(frame.TraceParent, null, isRemote: true, out var publish))
                Trace(frame, publish, streams);
        }
    }

    private void Trace(Frame frame, ActivityContext publish, int streams)
    {
        // A child of the publish span, so that one trace shows the event's whole way; the link says the same to tools that read messaging conventions.
        using var activity = EventStreamsTelemetry.Source.StartActivity(
            ActivityKind.Consumer, publish, links: [new ActivityLink(publish)], name: $"deliver {topic.Name}",
            startTime: DateTimeOffset.UnixEpoch.AddTicks(frame.PublishedAt * 10));
        activity?.SetTag("messaging.system", "redis");
        activity?.SetTag("messaging.destination.name", topic.Name);
        activity?.SetTag("messaging.message.id", frame.Id.ToString());
        activity?.SetTag("eventstreams.streams", streams);
    }
}
