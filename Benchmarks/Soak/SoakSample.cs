namespace Benchmarks.Soak;

/// <summary>How things stood at one moment of a soak.</summary>
/// <param name="Minutes">Since the first stream.</param>
/// <param name="Streams">Open streams.</param>
/// <param name="ReplicaMiB">Resident memory of all replicas.</param>
/// <param name="Handles">Open file descriptors of all replicas.</param>
/// <param name="Threads">Threads of all replicas.</param>
/// <param name="RedisMiB">What Redis has allocated for its data and connections.</param>
/// <param name="Keys">Keys in Redis.</param>
/// <param name="Subscriptions">Channels that somebody is subscribed to.</param>
/// <param name="DeliveriesPerSecond">Deliveries a second since the sample before.</param>
/// <param name="P99">The latency in ms since the sample before that 1 % of the deliveries exceeded.</param>
internal sealed record SoakSample(
    double Minutes,
    int Streams,
    double ReplicaMiB,
    int Handles,
    int Threads,
    double RedisMiB,
    long Keys,
    int Subscriptions,
    double DeliveriesPerSecond,
    double P99
);
