namespace Dashboard.Telemetry.Metrics;

/// <summary>The values of all instruments over the last while, as many as the limits allow. All calls may come from any thread.</summary>
public sealed class MetricStore(TelemetryLimits limits, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Meter, string Name, InstrumentKind Kind), Instrument> _instruments = [];
    private long _bytes;
    private int _points;
    private int _series;

    /// <summary>Raised after each batch of new values.</summary>
    public ChangeSignal Changes { get; } = new();

    /// <summary>The memory that the values take, by estimate.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>How many points are kept.</summary>
    public int Points => Volatile.Read(ref _points);

    /// <summary>The instruments of a service or a process, null for all, by meter and name.</summary>
    public IReadOnlyList<InstrumentInfo> Instruments(string? resource)
    {
        lock (_lock)
        {
            return
            [
                .. _instruments.Values.Where(i => i.Has(resource)).Select(i => i.Info(resource))
                    .OrderBy(i => i.Meter, StringComparer.Ordinal).ThenBy(i => i.Name, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>The attributes of an instrument's series, by name.</summary>
    public IReadOnlyList<MetricDimension> Dimensions(string? resource, string meter, string instrument)
    {
        lock (_lock)
        {
            return
            [
                .. Find(meter, instrument, resource)?.AllSeries.Where(s => s.Resource.Matches(resource)).SelectMany(s => s.Attributes)
                    .GroupBy(a => a.Name)
                    .OrderBy(g => g.Key, StringComparer.Ordinal)
                    .Select(g => new MetricDimension(g.Key, [.. g.Select(a => a.Value).Distinct().Order(StringComparer.Ordinal)])) ?? [],
            ];
        }
    }

    /// <summary>The values of an instrument; null when there is no such instrument.</summary>
    public MetricResult? Query(MetricQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(query.Range, TimeSpan.Zero);
        lock (_lock)
        {
            return Find(query.Meter, query.Instrument, query.Resource) is { } instrument
                ? MetricReader.Read(instrument, query, query.To ?? time.GetUtcNow())
                : null;
        }
    }

    /// <summary>Forgets the values of a service or one process, or all.</summary>
    public void Clear(string? resource)
    {
        lock (_lock)
        {
            Remove(s => s.Resource.Matches(resource));
        }

        Changes.Raise();
    }

    /// <returns>How many points were not taken, as there are as many series as there may be.</returns>
    internal int Add(IReadOnlyList<IncomingMetric> metrics)
    {
        var rejected = 0;
        lock (_lock)
        {
            foreach (var metric in metrics)
            {
                var key = (metric.Meter, metric.Name, metric.Kind);
                if (!_instruments.TryGetValue(key, out var instrument))
                {
                    instrument = new(metric.Meter, metric.Name, metric.Unit, metric.Description, metric.Kind);
                }

                var before = rejected;
                foreach (var point in metric.Points)
                {
                    rejected += TryAdd(instrument, point) ? 0 : 1;
                }

                // Without a series there is nothing to show, and names would pile up.
                if (rejected - before < metric.Points.Count)
                {
                    _instruments.TryAdd(key, instrument);
                }
            }

            if (_points > limits.MaxMetricPoints || _bytes > limits.MetricBytes)
            {
                Shrink();
            }
        }

        if (metrics.Count > 0)
        {
            Changes.Raise();
        }

        return rejected;
    }

    private bool TryAdd(Instrument instrument, IncomingPoint incoming)
    {
        var key = SeriesKey.Of(incoming.Resource, incoming.Attributes);
        if (instrument.Find(key) is not { } series)
        {
            if (_series >= limits.MaxSeries)
            {
                return false;
            }

            series = new(incoming.Resource, incoming.Attributes);
            instrument.Add(key, series);
            _series++;
            _bytes += series.FixedBytes;
        }

        var point = incoming.IsDelta ? DeltaSum.Add(series.Last, incoming.Point, series.Bounds.AsSpan().SequenceEqual(incoming.Bounds)) : incoming.Point;
        var (bytes, points) = series.Add(point, incoming.Bounds);
        _bytes += bytes;
        _points += points;
        foreach (var exemplar in incoming.Exemplars)
        {
            instrument.AddExemplar(exemplar);
        }

        return true;
    }

    // By a tenth at least, so that it need not be done again with the next point. Old points first, whatever series they belong to; then series that have nothing new.
    private void Shrink()
    {
        while (_points > limits.MaxMetricPoints * 9L / 10 || _bytes > limits.MetricBytes * 9 / 10)
        {
            var ends = _instruments.Values.SelectMany(i => i.AllSeries).SelectMany(s => s.Points).Select(p => p.Until).ToArray();
            if (ends.Length == 0)
            {
                return;
            }

            Array.Sort(ends);
            var before = ends[Math.Min(ends.Length - 1, (ends.Length / 10) + 1)] + 1;
            foreach (var series in _instruments.Values.SelectMany(i => i.AllSeries))
            {
                var (bytes, points) = series.Trim(before);
                _bytes += bytes;
                _points += points;
            }

            Remove(s => s.Points.Count == 0);
        }
    }

    private void Remove(Func<Series, bool> condition)
    {
        foreach (var (key, instrument) in _instruments)
        {
            foreach (var series in instrument.Remove(condition))
            {
                _series--;
                var (bytes, points) = series.Trim(long.MaxValue);
                _bytes += bytes - series.FixedBytes;
                _points += points;
            }

            if (instrument.AllSeries.Count == 0)
            {
                _instruments.Remove(key);
            }
        }
    }

    private Instrument? Find(string meter, string name, string? resource) =>
        _instruments.Values.FirstOrDefault(i => i.Meter == meter && i.Name == name && i.Has(resource));
}
