namespace Dashboard.Telemetry.Metrics;

/// <summary>Turns points that count since the last one into points that count from the start, which is what the store keeps.</summary>
internal static class DeltaSum
{
    /// <param name="before">The last point of the series, if there is one.</param>
    /// <param name="delta">What has been added since.</param>
    /// <param name="sameBounds">Whether both count in the same buckets.</param>
    public static MetricPoint Add(MetricPoint? before, MetricPoint delta, bool sameBounds)
    {
        if (before is null || !sameBounds)
        {
            return delta;
        }

        return new()
        {
            Since = before.Since,
            From = delta.From,
            Until = delta.Until,
            Value = before.Value + delta.Value,
            Count = before.Count + delta.Count,
            Buckets = before.Buckets is null || delta.Buckets is null ? delta.Buckets : [.. before.Buckets.Zip(delta.Buckets, (a, b) => a + b)],
        };
    }
}
