using EventStreams;

namespace Benchmarks.Faults;

/// <summary>What stands around the replicas in a run.</summary>
internal enum FaultSetup
{
    /// <summary>One Redis.</summary>
    Server,

    /// <summary>One Garnet, which keeps nothing.</summary>
    Garnet,

    /// <summary>One Redis, and nginx before the replicas.</summary>
    Nginx,

    /// <summary>A primary and a copy.</summary>
    Pair,

    /// <summary>A Redis Cluster.</summary>
    Cluster,
}

/// <summary>Something that goes wrong, and is right again at the end.</summary>
/// <param name="Setup">Where it is done.</param>
/// <param name="Name">What it is called in the table.</param>
/// <param name="DoAsync">Does it.</param>
/// <param name="MayLose">Whether it takes events from the log, which readers must then be told.</param>
internal sealed record Fault(FaultSetup Setup, string Name, Func<FaultBench, Task> DoAsync, bool MayLose = false);

/// <summary>What faults are done to.</summary>
/// <param name="Servers">The servers that hold the log.</param>
/// <param name="Replicas">The replicas of the Api.</param>
/// <param name="Readers">Who reads.</param>
/// <param name="Topics">What is read.</param>
/// <param name="Publisher">Publishes what is no numbered event.</param>
/// <param name="Retries">How many publishes have been repeated so far.</param>
/// <param name="Nginx">What stands before the replicas, where something does.</param>
internal sealed record FaultBench(
    IFaultServers Servers,
    FaultReplicas Replicas,
    IReadOnlyList<ResumingReader> Readers,
    IReadOnlyList<Topic> Topics,
    IEventPublisher Publisher,
    Func<int> Retries,
    FaultNginx? Nginx
)
{
    public FaultRedis Redis => (FaultRedis)Servers;

    public FaultPair Pair => (FaultPair)Servers;

    public FaultCluster Cluster => (FaultCluster)Servers;
}

/// <summary>The servers that hold the log.</summary>
internal interface IFaultServers : IAsyncDisposable
{
    /// <summary>How services reach them.</summary>
    string ConnectionString { get; }
}
