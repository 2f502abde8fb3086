namespace Benchmarks.Faults;

/// <summary>The size of a fault run.</summary>
internal sealed record FaultOptions
{
    public int Topics { get; init; } = 5;

    public int Readers { get; init; } = 50;

    public int Replicas { get; init; } = 3;

    /// <summary>Between two events of a topic.</summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Between the end of one fault and the begin of the next.</summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often all faults are done.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Settings of the replicas, as environment variables.</summary>
    public IReadOnlyDictionary<string, string> ReplicaSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>The file that gets the history of the run; null for none.</summary>
    public string? HistoryFile { get; init; }
}
