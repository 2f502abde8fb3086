namespace Dashboard.Telemetry.Metrics;

/// <summary>An instrument of a service.</summary>
/// <param name="Meter">The library that it belongs to.</param>
/// <param name="Unit">As the library writes it, such as <c>s</c>, <c>By</c> or <c>{request}</c>.</param>
/// <param name="Series">How many series are kept of it.</param>
public sealed record InstrumentInfo(string Meter, string Name, string Unit, string Description, InstrumentKind Kind, int Series);

/// <summary>What an instrument's values mean.</summary>
public enum InstrumentKind
{
    /// <summary>A sum that only grows, shown as its rate.</summary>
    Counter,

    /// <summary>A sum that goes up and down.</summary>
    UpDownCounter,

    /// <summary>A value that is read from time to time.</summary>
    Gauge,

    /// <summary>How often values of which size occurred, shown as percentiles.</summary>
    Histogram,
}

/// <summary>A name among an instrument's attributes, and the values that it has.</summary>
public sealed record MetricDimension(string Name, IReadOnlyList<string> Values);
