namespace Dashboard.Telemetry.Metrics;

/// <summary>Which values of an instrument, over which time.</summary>
public sealed record MetricQuery
{
    /// <summary>The pseudo-attribute that tells processes apart, for <see cref="GroupBy"/>.</summary>
    public const string Process = "process";

    /// <summary>A service's name or a process's id; null means all.</summary>
    public string? Resource { get; init; }

    public required string Meter { get; init; }

    public required string Instrument { get; init; }

    /// <summary>The end of the range, by default now; the last step is the last one that is over by then.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The length of the range.</summary>
    public TimeSpan Range { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Values in a line; the range is cut into so many steps of the same length.</summary>
    public int Steps { get; init; } = 60;

    /// <summary>The values that an attribute may have, by its name; a name that is not here may have any.</summary>
    public IReadOnlyDictionary<string, IReadOnlyCollection<string>> Filters { get; init; } = new Dictionary<string, IReadOnlyCollection<string>>();

    /// <summary>
    /// Series that agree in these attributes become one. With none all become one: rates, sums and histograms are added up; of gauges it is the mean.
    /// </summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];
}
