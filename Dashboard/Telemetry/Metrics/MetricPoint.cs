namespace Dashboard.Telemetry.Metrics;

/// <summary>A value that a series had from one moment to another; moments are ticks of UTC. Sums and histograms count from the start of the process.</summary>
internal sealed class MetricPoint
{
    private const int OwnBytes = 72;

    /// <summary>When the process began to count.</summary>
    public long Since { get; init; }

    /// <summary>When the value was first reported.</summary>
    public required long From { get; init; }

    /// <summary>When it was last reported.</summary>
    public required long Until { get; set; }

    /// <summary>The value; of a histogram the sum of what was measured.</summary>
    public required double Value { get; init; }

    /// <summary>How often was measured; of a histogram only.</summary>
    public ulong Count { get; init; }

    /// <summary>How often within each bucket; of a histogram only.</summary>
    public ulong[]? Buckets { get; init; }

    public int Bytes => OwnBytes + (Buckets is null ? 0 : 24 + (sizeof(ulong) * Buckets.Length));

    public bool HasValueOf(MetricPoint other) =>
        Since == other.Since && Value.Equals(other.Value) && Count == other.Count && Buckets.AsSpan().SequenceEqual(other.Buckets);
}
