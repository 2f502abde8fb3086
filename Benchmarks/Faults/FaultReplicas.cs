using Benchmarks.Fanout;
using Benchmarks.Load;

namespace Benchmarks.Faults;

/// <summary>Api replicas as they are shipped, each a process, behind what stands for a balancer: the list of those that are up.</summary>
internal sealed class FaultReplicas(string connectionString, IReadOnlyDictionary<string, string> settings) : IDisposable
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<ServerProcess> _listed = [];
    private int _started;

    /// <summary>How many are up.</summary>
    public int Count => _listed.Count;

    /// <summary>Their ports.</summary>
    public IReadOnlyList<int> Ports
    {
        get
        {
            lock (_gate)
                return [.. _listed.Select(replica => replica.Port)];
        }
    }

    /// <summary>The process of one.</summary>
    public int AnyProcess
    {
        get
        {
            lock (_gate)
                return _listed[0].Id;
        }
    }

    /// <summary>Starts one more and lists it.</summary>
    public async Task AddAsync()
    {
        var environment = new Dictionary<string, string>(settings)
        {
            ["ConnectionStrings__redis"] = connectionString,
            ["EventStreams__ReplicaId"] = $"replica-{Interlocked.Increment(ref _started)}",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Access__Open"] = "true",
        };
        var port = ServerProcess.FreePort();
        environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        var process = await ServerProcess.StartAsync("dotnet", [ApiFile.Path], port, environment);
        lock (_gate)
            _listed.Add(process);
    }

    /// <summary>Kills one without warning.</summary>
    public void KillOne() => TakeOne().Dispose();

    /// <summary>Has one shut down in order (SIGTERM), and waits until it has.</summary>
    public async Task DrainOneAsync()
    {
        using var replica = TakeOne();
        replica.Send(ProcessSignal.Terminate);
        await replica.ExitAsync(DrainLimit);
    }

    /// <summary>The address of any that is up.</summary>
    public Uri Pick()
    {
        lock (_gate)
            return new Uri($"http://127.0.0.1:{_listed[Random.Shared.Next(_listed.Count)].Port}");
    }

    public void Dispose()
    {
        foreach (var replica in _listed)
            replica.Dispose();
    }

    private ServerProcess TakeOne()
    {
        lock (_gate)
        {
            var replica = _listed[0];
            _listed.RemoveAt(0);
            return replica;
        }
    }
}
