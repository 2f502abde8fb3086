namespace Dashboard.Telemetry.Metrics;

/// <summary>A point on its way into the store.</summary>
/// <param name="IsDelta">Whether it counts since the last point, not since the start of the process.</param>
internal sealed record IncomingPoint(
    TelemetryResource Resource, IReadOnlyList<TelemetryAttribute> Attributes, MetricPoint Point, double[] Bounds, bool IsDelta, IReadOnlyList<MetricExemplar> Exemplars);

/// <summary>An instrument and its points on their way into the store.</summary>
internal sealed record IncomingMetric(
    string Meter, string Name, string Unit, string Description, InstrumentKind Kind, IReadOnlyList<IncomingPoint> Points);
