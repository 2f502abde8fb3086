using Dashboard.Telemetry;
using Dashboard.Telemetry.Metrics;

namespace Tests.Unit.Dashboards;

public sealed class MetricStoreTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TelemetryResource One = new("api", "one", []);
    private static readonly TelemetryResource Two = new("api", "two", []);

    private readonly MetricStore _store = new(new(), TimeProvider.System);

    [Fact]
    public void A_counter_shows_its_rate_over_restarts_and_all_processes()
    {
        // 10 a second from the start on; at 10 s the process is a new one.
        for (var second = 1; second <= 20; second++)
            Add(InstrumentKind.Counter, One, second, 10 * (second > 10 ? second - 10 : second), since: second > 10 ? 10 : 0);
        for (var second = 1; second <= 20; second++)
            Add(InstrumentKind.Counter, Two, second, 5 * second);

        Assert.Equal(Enumerable.Repeat<double?>(15, 20), Rounded(Line(20, "rate")));
        Assert.Equal(Enumerable.Repeat<double?>(5, 20), Rounded(Line(20, "rate", new() { Meter = "m", Instrument = "i", Resource = "api-two" })));
    }

    [Fact]
    public void A_value_that_stays_is_one_point_and_its_rate_is_nothing_rather_than_unknown()
    {
        for (var second = 1; second <= 10; second++)
            Add(InstrumentKind.Counter, One, second, 7);

        Assert.Equal(1, _store.Points);
        Assert.Equal([7.0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null], Rounded(Line(12, "rate")));
    }

    [Fact]
    public void Counts_since_the_last_report_are_added_up()
    {
        for (var second = 1; second <= 4; second++)
            Add(InstrumentKind.Counter, One, second, 3, isDelta: true);

        Assert.Equal([3.0, 3, 3, 3], Rounded(Line(4, "rate")));
    }

    [Fact]
    public void Gauges_are_averaged_and_sums_that_go_both_ways_are_added()
    {
        foreach (var (resource, value) in new[] { (One, 2.0), (Two, 6.0) })
        {
            Add(InstrumentKind.Gauge, resource, 1, value, name: "gauge");
            Add(InstrumentKind.UpDownCounter, resource, 1, value, name: "updown");
        }

        Assert.Equal(4, Line(2, "value", new() { Meter = "m", Instrument = "gauge" })[^1]);
        Assert.Equal(8, Line(2, "value", new() { Meter = "m", Instrument = "updown" })[^1]);
        var apart = Read(2, new() { Meter = "m", Instrument = "gauge", GroupBy = [MetricQuery.Process] });
        Assert.Equal(["api-one", "api-two"], apart.Series.Select(s => s.Group.Single().Value));
        Assert.Equal([2, 6], apart.Series.Select(s => s.Lines[0].Values[^1]));
    }

    [Fact]
    public void A_histogram_shows_percentiles_of_each_step()
    {
        // 100 measurements a second: at first all below 10, later all from 10 to 20.
        Histogram(1, 500, 100, 0, 0);
        Histogram(2, 2_000, 100, 100, 0);

        Assert.Equal([5.0, 15], Rounded(Line(2, "p50")));
        Assert.Equal([9.9, 19.9], Rounded(Line(2, "p99")));
        Assert.Equal([5.0, 15], Rounded(Line(2, "mean")));
        Assert.Equal([100.0, 100], Rounded(Line(2, "rate")));

        void Histogram(int second, double sum, params ulong[] buckets) => _store.Add(
        [
            new("m", "i", "ms", "", InstrumentKind.Histogram,
            [
                new(One, [], new() { Since = Ticks(0), From = Ticks(second), Until = Ticks(second), Value = sum, Count = buckets.Aggregate((a, b) => a + b), Buckets = buckets }, [10, 20], false, []),
            ]),
        ]);
    }

    [Fact]
    public void Attributes_tell_series_apart()
    {
        foreach (var (method, value) in new[] { ("GET", 10), ("POST", 20), ("PUT", 40) })
            Add(InstrumentKind.Counter, One, 1, value, attributes: new TelemetryAttribute("method", method));

        var dimension = Assert.Single(_store.Dimensions("api", "m", "i"));
        Assert.Equal(("method", "GET POST PUT"), (dimension.Name, string.Join(' ', dimension.Values)));
        Assert.Equal(3, Assert.Single(_store.Instruments(null)).Series);
        var filters = new Dictionary<string, IReadOnlyCollection<string>> { ["method"] = ["GET", "PUT"] };
        Assert.Equal([50.0], Rounded(Line(1, "rate", new() { Meter = "m", Instrument = "i", Filters = filters })));
        var groups = Read(1, new() { Meter = "m", Instrument = "i", GroupBy = ["method"] }).Series;
        Assert.Equal([10, 20, 40], groups.Select(s => s.Lines[0].Values[0]));
    }

    [Fact]
    public void Points_series_and_memory_stay_under_their_limits_and_come_back()
    {
        var limits = new TelemetryLimits { MaxMetricPoints = 1_000, MaxSeries = 10 };
        var store = new MetricStore(limits, TimeProvider.System);
        for (var second = 0; second < 500; second++)
            Assert.Equal(0, store.Add([Metric(second, 10)]));

        Assert.InRange(store.Points, 800, 1_000);
        Assert.Equal(2, store.Add([Metric(500, 12)]));
        // The newest are there, the oldest are not.
        Assert.NotNull(LastOf(500));
        Assert.Null(LastOf(100));
        store.Clear("api");
        Assert.Equal((0, 0L), (store.Points, store.Bytes));
        Assert.Empty(store.Instruments(null));

        double? LastOf(int second) => store.Query(new() { Meter = "m", Instrument = "i", To = Start.AddSeconds(second), Range = TimeSpan.FromSeconds(10), Steps = 10 })!
            .Series.Single().Lines[0].Values[^1];

        static IncomingMetric Metric(int second, int series) => new("m", "i", "", "", InstrumentKind.Counter,
            [.. Enumerable.Range(0, series).Select(n => Point(One, second, second, 0, false, new TelemetryAttribute("n", $"{n}")))]);
    }

    private void Add(
        InstrumentKind kind, TelemetryResource resource, int second, double value, int since = 0, bool isDelta = false, string name = "i", params TelemetryAttribute[] attributes) =>
        _store.Add([new("m", name, "", "", kind, [Point(resource, second, value, since, isDelta, attributes)])]);

    private static IncomingPoint Point(TelemetryResource resource, int second, double value, int since, bool isDelta, params TelemetryAttribute[] attributes) =>
        new(resource, attributes, new() { Since = Ticks(since), From = Ticks(second), Until = Ticks(second), Value = value }, [], isDelta, []);

    private static long Ticks(int second) => Start.AddSeconds(second).UtcTicks;

    private IReadOnlyList<double?> Line(int seconds, string line, MetricQuery? query = null) =>
        Read(seconds, query ?? new() { Meter = "m", Instrument = "i" }).Series.Single().Lines.Single(l => l.Name == line).Values;

    private MetricResult Read(int seconds, MetricQuery query) =>
        _store.Query(query with { To = Start.AddSeconds(seconds), Range = TimeSpan.FromSeconds(seconds), Steps = seconds })!;

    private static IEnumerable<double?> Rounded(IEnumerable<double?> values) => values.Select(v => v is { } value ? Math.Round(value, 6) : (double?)null);
}
