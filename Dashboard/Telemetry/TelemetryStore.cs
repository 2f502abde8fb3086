using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;

namespace Dashboard.Telemetry;

/// <summary>All telemetry that was received and is still kept.</summary>
public sealed class TelemetryStore
{
    public TelemetryStore(TelemetryLimits limits, TimeProvider time)
    {
        Resources = new(limits);
        Logs = new(limits);
        Traces = new(limits);
        Metrics = new(limits, time);
    }

    /// <summary>The processes that have sent telemetry.</summary>
    public TelemetryResources Resources { get; }

    public LogStore Logs { get; }

    public TraceStore Traces { get; }

    public MetricStore Metrics { get; }

    /// <summary>The memory that all of it takes, by estimate.</summary>
    public long Bytes => Logs.Bytes + Traces.Bytes + Metrics.Bytes;
}
