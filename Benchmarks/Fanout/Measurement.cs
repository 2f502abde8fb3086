namespace Benchmarks.Fanout;

/// <summary>One work on one design.</summary>
/// <param name="Design">The design.</param>
/// <param name="Work">The work.</param>
/// <param name="Streams">Open streams.</param>
/// <param name="Deliveries">Events times streams that were seen.</param>
/// <param name="Missing">Deliveries that were expected and not seen.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="ProcessorMicroseconds">Server processor time a delivery, Redis and client not counted.</param>
/// <param name="P50">Latency from before the publish to the client's read, milliseconds.</param>
/// <param name="P95">As P50.</param>
/// <param name="P99">As P50.</param>
/// <param name="P999">As P50.</param>
internal sealed record Measurement(
    string Design,
    string Work,
    int Streams,
    long Deliveries,
    long Missing,
    double Seconds,
    double ProcessorMicroseconds,
    double P50,
    double P95,
    double P99,
    double P999
)
{
    public double DeliveriesPerSecond => Deliveries / Seconds;
}

/// <summary>What opening and keeping streams costs.</summary>
/// <param name="Design">The design.</param>
/// <param name="Streams">Open streams.</param>
/// <param name="OpenSeconds">Until all were open.</param>
/// <param name="IdleKiB">Growth of resident memory a stream when open, KiB.</param>
/// <param name="UsedKiB">The same after broadcasts.</param>
internal sealed record Footprint(string Design, int Streams, double OpenSeconds, double IdleKiB, double UsedKiB)
{
    /// <summary>From the growth of all replicas' resident memory together, in bytes.</summary>
    public static Footprint Of(string design, int streams, double openSeconds, long idleBytes, long usedBytes) =>
        new(design, streams, openSeconds, idleBytes / 1024.0 / streams, usedBytes / 1024.0 / streams);
}
