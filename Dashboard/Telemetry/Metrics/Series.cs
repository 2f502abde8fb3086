namespace Dashboard.Telemetry.Metrics;

/// <summary>The values of an instrument of one process for one set of attributes, oldest first. Not thread-safe: the store's lock guards it.</summary>
internal sealed class Series(TelemetryResource resource, IReadOnlyList<TelemetryAttribute> attributes)
{
    private const int OwnBytes = 400;

    private readonly Queue<MetricPoint> _points = [];

    public TelemetryResource Resource => resource;

    public IReadOnlyList<TelemetryAttribute> Attributes => attributes;

    /// <summary>The upper bounds of a histogram's buckets; the last bucket has none.</summary>
    public double[] Bounds { get; private set; } = [];

    /// <summary>Whether older points have been dropped, so that the first that is left says nothing of what came before.</summary>
    public bool IsTrimmed { get; private set; }

    public IReadOnlyCollection<MetricPoint> Points => _points;

    public MetricPoint? Last { get; private set; }

    public int FixedBytes => OwnBytes + MemoryEstimate.Of(attributes) + (sizeof(double) * Bounds.Length);

    /// <summary>Takes a value; one that is the same as before only lengthens the last point. Values that come late are left out.</summary>
    /// <returns>The change in bytes and in points.</returns>
    public (long Bytes, int Points) Add(MetricPoint point, double[] bounds)
    {
        var (bytes, points) = (0L, 0);
        if (!Bounds.AsSpan().SequenceEqual(bounds))
        {
            // What was counted by other bounds cannot be compared.
            (bytes, points) = Trim(long.MaxValue);
            bytes += sizeof(double) * (bounds.Length - Bounds.Length);
            Bounds = bounds;
        }

        if (Last is not null && point.From <= Last.Until)
        {
            return (bytes, points);
        }

        if (Last is not null && Last.HasValueOf(point))
        {
            Last.Until = point.Until;
            return (bytes, points);
        }

        _points.Enqueue(point);
        Last = point;
        return (bytes + point.Bytes, points + 1);
    }

    /// <summary>Drops the points that ended before a moment.</summary>
    /// <returns>The change in bytes and in points.</returns>
    public (long Bytes, int Points) Trim(long before)
    {
        var (bytes, points) = (0L, 0);
        while (_points.TryPeek(out var oldest) && oldest.Until < before)
        {
            _points.Dequeue();
            IsTrimmed = true;
            bytes -= oldest.Bytes;
            points--;
        }

        if (_points.Count == 0)
        {
            Last = null;
        }

        return (bytes, points);
    }
}
