namespace Dashboard.Telemetry.Metrics;

/// <summary>Makes lines over a range of time out of the points of an instrument's series.</summary>
internal static class MetricReader
{
    // How long a value holds without a report: some of the usual intervals.
    private const long Overdue = 5 * TimeSpan.TicksPerSecond;

    private static readonly double[] Percentiles = [0.5, 0.9, 0.99];

    public static MetricResult Read(Instrument instrument, MetricQuery query, DateTimeOffset to)
    {
        var grid = TimeGrid.Ending(to.UtcTicks, query.Range.Ticks, query.Steps);
        var groups = instrument.AllSeries
            .Where(s => s.Resource.Matches(query.Resource) && Accepts(s, query))
            .GroupBy(s => GroupOf(s, query.GroupBy), GroupComparer.Instance)
            .OrderBy(g => string.Join('\u001f', g.Key.Select(a => a.Value)), StringComparer.Ordinal);
        var exemplars = instrument.Exemplars
            .Where(e => e.Resource.Matches(query.Resource) && e.Time.UtcTicks >= grid.From && e.Time.UtcTicks < grid.To)
            .OrderBy(e => e.Time);
        return new(
            instrument.Info(query.Resource),
            new(grid.From, TimeSpan.Zero),
            TimeSpan.FromTicks(grid.Step),
            [.. groups.Select(g => new MetricSeries(g.Key, Lines(instrument.Kind, [.. g], grid)))],
            [.. exemplars]);
    }

    private static bool Accepts(Series series, MetricQuery query)
    {
        foreach (var (name, values) in query.Filters)
        {
            if (!values.Contains(ValueOf(series, name)))
            {
                return false;
            }
        }

        return true;
    }

    private static TelemetryAttribute[] GroupOf(Series series, IReadOnlyList<string> names) =>
        [.. names.Select(name => new TelemetryAttribute(name, ValueOf(series, name)))];

    private static string ValueOf(Series series, string name)
    {
        if (name == MetricQuery.Process)
        {
            return series.Resource.Id;
        }

        foreach (var attribute in series.Attributes)
        {
            if (attribute.Name == name)
            {
                return attribute.Value;
            }
        }

        return "";
    }

    private static IReadOnlyList<MetricLine> Lines(InstrumentKind kind, List<Series> series, TimeGrid grid)
    {
        switch (kind)
        {
            case InstrumentKind.Counter:
                var sums = new double?[grid.Steps];
                foreach (var one in series)
                {
                    Growth(one, grid, (step, share, now, before) => sums[step] = (sums[step] ?? 0) + (share * (now.Value - (before?.Value ?? 0)) / grid.Seconds));
                }

                return [new("rate", sums)];
            case InstrumentKind.Histogram:
                return Histogram(series, grid);
            default:
                return [new("value", Values(series, grid, isMean: kind == InstrumentKind.Gauge))];
        }
    }

    private static double?[] Values(List<Series> series, TimeGrid grid, bool isMean)
    {
        var sums = new double?[grid.Steps];
        var counts = new int[grid.Steps];
        foreach (var one in series)
        {
            var values = new double?[grid.Steps];
            foreach (var point in one.Points)
            {
                // A later value within the step takes the place of an earlier one.
                for (var step = Math.Max(0, grid.StepOf(point.From)); step < grid.Steps && grid.StartOf(step) <= point.Until + Overdue; step++)
                {
                    values[step] = point.Value;
                }
            }

            for (var step = 0; step < grid.Steps; step++)
            {
                if (values[step] is { } value)
                {
                    sums[step] = (sums[step] ?? 0) + value;
                    counts[step]++;
                }
            }
        }

        return isMean ? [.. sums.Zip(counts, (sum, count) => sum / count)] : sums;
    }

    private static IReadOnlyList<MetricLine> Histogram(List<Series> series, TimeGrid grid)
    {
        // Counts by other bounds cannot be added up: those of the newest series are shown.
        var bounds = series.MaxBy(s => s.Last?.Until ?? 0)!.Bounds;
        var buckets = new double[grid.Steps][];
        var sums = new double[grid.Steps];
        var rates = new double?[grid.Steps];
        foreach (var one in series.Where(s => s.Bounds.AsSpan().SequenceEqual(bounds)))
        {
            Growth(one, grid, (step, share, now, before) =>
            {
                rates[step] = (rates[step] ?? 0) + (share * (now.Count - (before?.Count ?? 0)) / grid.Seconds);
                sums[step] += share * (now.Value - (before?.Value ?? 0));
                var into = buckets[step] ??= new double[bounds.Length + 1];
                for (var i = 0; i < into.Length && i < now.Buckets?.Length; i++)
                {
                    into[i] += share * ((double)now.Buckets[i] - (before?.Buckets?[i] ?? 0));
                }
            });
        }

        var lines = Percentiles.Select(p => new MetricLine(
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"p{p * 100:0}"), [.. buckets.Select(b => b is null ? null : Percentile.Of(p, bounds, b))]));
        var means = rates.Select((rate, step) => rate > 0 ? sums[step] / (rate * grid.Seconds) : null);
        return [.. lines, new("mean", [.. means]), new("rate", rates)];
    }

    /// <summary>
    /// What a series has grown by, spread over the time in which it grew: between the last report of the old value and the first of the new one. Where a process has begun anew, it grew from nothing.
    /// </summary>
    private static void Growth(Series series, TimeGrid grid, Action<int, double, MetricPoint, MetricPoint?> add)
    {
        MetricPoint? before = null;
        foreach (var point in series.Points)
        {
            var restarted = before is not null && (point.Since > before.Since || point.Value < before.Value || point.Count < before.Count);
            if (before is not null || (!series.IsTrimmed && point.Since > 0))
            {
                var from = before is null || restarted ? point.Since : before.Until;
                Spread(grid, Math.Min(from, point.From - 1), point.From, (step, share) => add(step, share, point, restarted ? null : before));
            }

            // Nothing was added while the value stayed the same, which is a rate of 0 and not one that is unknown.
            Spread(grid, point.From, point.Until, (step, _) => add(step, 0, point, point));
            before = point;
        }
    }

    private static void Spread(TimeGrid grid, long from, long to, Action<int, double> add)
    {
        for (var step = Math.Max(0, grid.StepOf(from)); step < grid.Steps && grid.StartOf(step) < to; step++)
        {
            var share = (double)(Math.Min(to, grid.StartOf(step + 1)) - Math.Max(from, grid.StartOf(step))) / (to - from);
            if (share > 0)
            {
                add(step, share);
            }
        }
    }

    private sealed class GroupComparer : IEqualityComparer<TelemetryAttribute[]>
    {
        public static readonly GroupComparer Instance = new();

        public bool Equals(TelemetryAttribute[]? x, TelemetryAttribute[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(TelemetryAttribute[] group) => group.Aggregate(0, HashCode.Combine);
    }
}
