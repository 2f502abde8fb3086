using System.Collections.Concurrent;
using System.Diagnostics;
using EventStreams;
using EventStreams.Telemetry;

namespace Tests.Fixtures;

/// <summary>Collects the spans of one topic, which it has sampled, and leaves all others alone.</summary>
internal sealed class SpanReader : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public SpanReader(Topic topic)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EventStreamsTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Name.EndsWith(" " + topic.Name, StringComparison.Ordinal)
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Published => [.. _ended.Where(span => span.Kind == ActivityKind.Producer)];

    public IReadOnlyList<Activity> Delivered => [.. _ended.Where(span => span.Kind == ActivityKind.Consumer)];

    public void Dispose() => _listener.Dispose();
}
