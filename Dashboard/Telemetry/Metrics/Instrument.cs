namespace Dashboard.Telemetry.Metrics;

/// <summary>An instrument and its series of all processes. Not thread-safe: the store's lock guards it.</summary>
internal sealed class Instrument(string meter, string name, string unit, string description, InstrumentKind kind)
{
    private const int MaxExemplars = 500;

    private readonly Dictionary<SeriesKey, Series> _series = [];
    private readonly Queue<MetricExemplar> _exemplars = [];

    public string Meter => meter;

    public string Name => name;

    public InstrumentKind Kind => kind;

    public IReadOnlyCollection<Series> AllSeries => _series.Values;

    public IEnumerable<MetricExemplar> Exemplars => _exemplars;

    public InstrumentInfo Info(string? resource) => new(meter, name, unit, description, kind, _series.Values.Count(s => s.Resource.Matches(resource)));

    public bool Has(string? resource) => _series.Values.Any(s => s.Resource.Matches(resource));

    public Series? Find(SeriesKey key) => _series.GetValueOrDefault(key);

    public void Add(SeriesKey key, Series series) => _series.Add(key, series);

    public void AddExemplar(MetricExemplar exemplar)
    {
        _exemplars.Enqueue(exemplar);
        if (_exemplars.Count > MaxExemplars)
        {
            _exemplars.Dequeue();
        }
    }

    /// <summary>Drops the series that a condition holds for.</summary>
    public IReadOnlyList<Series> Remove(Func<Series, bool> condition)
    {
        var removed = new List<Series>();
        foreach (var (key, series) in _series)
        {
            if (condition(series))
            {
                removed.Add(series);
                _series.Remove(key);
            }
        }

        return removed;
    }
}

/// <summary>Tells series of an instrument apart; the text holds the attributes by name.</summary>
internal readonly record struct SeriesKey(TelemetryResource Resource, string Attributes)
{
    public static SeriesKey Of(TelemetryResource resource, IReadOnlyList<TelemetryAttribute> attributes) =>
        new(resource, string.Join('\u001f', attributes.OrderBy(a => a.Name, StringComparer.Ordinal).Select(a => $"{a.Name}\u001e{a.Value}")));
}
