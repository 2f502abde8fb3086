using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Tests.Fixtures;

/// <summary>A Redis Cluster of a test's own on loopback: three primaries with a replica each.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Primaries = 3;
    private const int Nodes = 2 * Primaries;

    // A node talks to the others on its port plus this; both must be valid.
    private const int BusOffset = 10_000;

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<int, Process> _processes = [];

    private RedisCluster() { }

    /// <summary>What a service takes as <c>ConnectionStrings__redis</c>.</summary>
    public string ConnectionString => string.Join(',', _processes.Keys.Select(port => $"127.0.0.1:{port}"));

    /// <summary>Starts the nodes and joins them; skips the test (or fails it under <c>CI=true</c>) where a program is missing.</summary>
    public static async Task<RedisCluster> StartAsync()
    {
        if (Requirement.FindProgram("redis-server") is not { } server || Requirement.FindProgram("redis-cli") is not { } cli)
            throw Requirement.Missing("redis-server and redis-cli are needed; on Debian run: apt-get install redis-server");
        var cluster = new RedisCluster();
        try
        {
            foreach (var port in FindPorts(Nodes))
                cluster.Launch(server, port);
            await Eventually.HoldsAsync(
                async () => (await Task.WhenAll(cluster._processes.Keys.Select(AcceptsAsync))).All(accepts => accepts),
                "all nodes accept connections"
            );
            await RunAsync(
                cli,
                [
                    "--cluster",
                    "create",
                    .. cluster._processes.Keys.Select(port => $"127.0.0.1:{port}"),
                    "--cluster-replicas",
                    "1",
                    "--cluster-yes",
                ]
            );
            await Eventually.HoldsAsync(cluster.IsWholeAsync, "every node sees the cluster whole", TimeSpan.FromMinutes(1));
            await Eventually.HoldsAsync(cluster.IsReplicatedAsync, "every replica has its primary's data", TimeSpan.FromMinutes(1));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection of its own, that the caller disposes of.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = ConfigurationOptions.Parse(ConnectionString);
        options.AllowAdmin = true;
        options.AbortOnConnectFail = false;
        // Above what WAIT is given.
        options.AsyncTimeout = (int)Eventually.DefaultLimit.TotalMilliseconds;
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>The servers that say of themselves that they are primaries; what a new connection believes of them may be older.</summary>
    public static async Task<List<IServer>> PrimariesAsync(ConnectionMultiplexer connection)
    {
        var primaries = new List<IServer>();
        foreach (var server in connection.GetServers().Where(s => s.IsConnected))
        {
            if (await IsPrimaryAsync(server))
                primaries.Add(server);
        }
        return primaries;
    }

    /// <summary>Moves a key's slot, with all its keys, to another primary, as a rebalancing does.</summary>
    public async Task MoveSlotAsync(string key)
    {
        using var connection = await ConnectAsync();
        var slot = connection.HashSlot(key);
        var from = connection.GetServer((RedisKey)key);
        var to = (await PrimariesAsync(connection)).First(s => !s.EndPoint.Equals(from.EndPoint));
        var fromId = (string)(await from.ExecuteAsync("CLUSTER", "MYID"))!;
        var toId = (string)(await to.ExecuteAsync("CLUSTER", "MYID"))!;
        await to.ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
        await from.ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
        var target = (IPEndPoint)to.EndPoint;
        while ((RedisResult[])(await from.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", slot, 100))! is { Length: > 0 } keys)
        {
            object[] arguments = ["127.0.0.1", target.Port, "", 0, 5000, "KEYS", .. keys.Select(k => (object)(string)k!)];
            await from.ExecuteAsync("MIGRATE", arguments);
        }
        await to.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", toId);
        await from.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", toId);
    }

    /// <summary>Kills the primary that has a key's slot, and waits until its replica has taken over.</summary>
    public async Task FailOverAsync(string key)
    {
        using var connection = await ConnectAsync();
        var primary = (IPEndPoint)connection.GetServer((RedisKey)key).EndPoint;
        Stop(primary.Port);
        await Eventually.HoldsAsync(IsWholeAsync, "a replica has taken the slots over", TimeSpan.FromMinutes(1));
    }

    /// <summary>Has the replica of a key's slot take over while its primary lives, as for maintenance: no connection breaks.</summary>
    public async Task SwapAsync(string key)
    {
        using var connection = await ConnectAsync();
        var primary = connection.GetServer((RedisKey)key);
        EndPoint? successor = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                var nodes = await primary.ClusterNodesAsync();
                successor = nodes?[primary.EndPoint]?.Children.FirstOrDefault(child => child.IsConnected)?.EndPoint;
                return successor is not null;
            },
            "the primary has a replica"
        );
        var replica = connection.GetServer(successor!);
        // A planned failover is given up by the servers after five seconds, for example when a vote came late.
        var sinceAsked = new Stopwatch();
        await Eventually.HoldsAsync(
            async () =>
            {
                if (!await IsPrimaryAsync(primary))
                    return true;
                if (!sinceAsked.IsRunning || sinceAsked.Elapsed > TimeSpan.FromSeconds(6))
                {
                    await replica.ExecuteAsync("CLUSTER", "FAILOVER");
                    sinceAsked.Restart();
                }
                return false;
            },
            "the roles are swapped",
            TimeSpan.FromMinutes(1)
        );
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (var port in _processes.Keys.ToList())
            Stop(port);
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<bool> IsPrimaryAsync(IServer server) =>
        ((string)(await server.ExecuteAsync("INFO", "replication"))!).Contains("role:master", StringComparison.Ordinal);

    private void Launch(string server, int port)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, port.ToString(CultureInfo.InvariantCulture)));
        string[] arguments =
        [
            "--bind",
            "127.0.0.1",
            "--port",
            $"{port}",
            "--dir",
            folder.FullName,
            "--save",
            "",
            "--appendonly",
            "no",
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "1500",
            // A primary waits five seconds for further replicas otherwise, and one that has not synchronised cannot take over.
            "--repl-diskless-sync-delay",
            "0",
            "--logfile",
            Path.Combine(folder.FullName, "log"),
        ];
        _processes.Add(
            port,
            Process.Start(new ProcessStartInfo(server, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!
        );
    }

    private void Stop(int port)
    {
        if (!_processes.Remove(port, out var process))
            return;
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private async Task<bool> IsWholeAsync()
    {
        foreach (var port in _processes.Keys)
        {
            using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},allowAdmin=true,abortConnect=false");
            var server = connection.GetServer(IPAddress.Loopback, port);
            if (
                !server.IsConnected
                || !((string)(await server.ExecuteAsync("CLUSTER", "INFO"))!).Contains("cluster_state:ok", StringComparison.Ordinal)
            )
                return false;
        }
        return true;
    }

    private async Task<bool> IsReplicatedAsync()
    {
        using var connection = await ConnectAsync();
        foreach (var server in connection.GetServers())
        {
            var info = (string)(await server.ExecuteAsync("INFO", "replication"))!;
            if (
                !info.Contains("role:master", StringComparison.Ordinal) && !info.Contains("master_link_status:up", StringComparison.Ordinal)
            )
                return false;
        }
        return true;
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{output}");
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Held together, so that they differ, and given up only when all are found.
    private static List<int> FindPorts(int count)
    {
        var listeners = new List<TcpListener>();
        var ports = new List<int>();
        while (ports.Count < count)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            listeners.Add(listener);
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (port + BusOffset <= ushort.MaxValue)
                ports.Add(port);
        }
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
