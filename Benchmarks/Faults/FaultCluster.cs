using System.Diagnostics;
using System.Globalization;
using Benchmarks.Load;
using StackExchange.Redis;

namespace Benchmarks.Faults;

/// <summary>A Redis Cluster of three primaries with a copy each.</summary>
internal sealed class FaultCluster : IFaultServers
{
    private const int Nodes = 6;

    // A node talks to the others on its port plus this; both must be valid.
    private const int BusOffset = 10_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fault-cluster-");
    private readonly SortedDictionary<int, ServerProcess> _processes = [];

    public string ConnectionString => string.Join(',', _processes.Keys.Select(port => $"127.0.0.1:{port}"));

    public static async Task<FaultCluster> StartAsync()
    {
        var cluster = new FaultCluster();
        while (cluster._processes.Count < Nodes)
        {
            var port = ServerProcess.FreePort();
            if (port + BusOffset <= ushort.MaxValue)
                await cluster.LaunchAsync(port);
        }
        var nodes = cluster._processes.Keys.Select(port => $"127.0.0.1:{port}");
        await RunAsync("redis-cli", ["--cluster", "create", .. nodes, "--cluster-replicas", "1", "--cluster-yes"]);
        await cluster.BecomesWholeAsync();
        return cluster;
    }

    /// <summary>Kills the primary of a key without warning, waits until its copy has taken over, and starts it again as the copy.</summary>
    public async Task FailOverAsync(string key)
    {
        int port;
        using (var admin = await ConnectAsync())
            port = PortOf(admin.GetServer((RedisKey)key));
        _processes.Remove(port, out var killed);
        killed!.Dispose();
        await HoldsAsync(IsWholeAsync, "a copy has taken over");
        await LaunchAsync(port);
        await BecomesWholeAsync();
    }

    /// <summary>Has the copy of a key's primary take over while the primary lives, as for maintenance.</summary>
    public async Task SwapAsync(string key)
    {
        using var admin = await ConnectAsync();
        var primary = admin.GetServer((RedisKey)key);
        var copy = (await primary.ClusterNodesAsync())![primary.EndPoint]!.Children.First(child => child.IsConnected).EndPoint!;
        await admin.GetServer(copy).ExecuteAsync("CLUSTER", "FAILOVER");
        await HoldsAsync(async () => !await IsPrimaryAsync(primary), "the roles are swapped");
    }

    /// <summary>Moves a key's slot, with all its keys, to another primary, as a rebalancing does.</summary>
    public async Task MoveSlotAsync(string key)
    {
        using var admin = await ConnectAsync();
        var (slot, from) = (admin.HashSlot(key), admin.GetServer((RedisKey)key));
        IServer? to = null;
        foreach (var server in admin.GetServers().Where(server => !server.EndPoint.Equals(from.EndPoint)))
        {
            if (await IsPrimaryAsync(server))
                to = server;
        }
        var (fromId, toId) = ($"{await from.ExecuteAsync("CLUSTER", "MYID")}", $"{await to!.ExecuteAsync("CLUSTER", "MYID")}");
        await to.ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
        await from.ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
        while ((string[]?)await from.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", slot, 100) is { Length: > 0 } keys)
            await from.ExecuteAsync("MIGRATE", ["127.0.0.1", PortOf(to), "", 0, 5000, "KEYS", .. keys]);
        await to.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", toId);
        await from.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", toId);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
            process.Dispose();
        await Task.Yield();
        _folder.Delete(recursive: true);
    }

    private static int PortOf(IServer server) => ((System.Net.IPEndPoint)server.EndPoint).Port;

    private static async Task<bool> IsPrimaryAsync(IServer server) =>
        $"{await server.ExecuteAsync("INFO", "replication")}".Contains("role:master", StringComparison.Ordinal);

    private Task<ConnectionMultiplexer> ConnectAsync() =>
        ConnectionMultiplexer.ConnectAsync(ConnectionString + ",allowAdmin=true,abortConnect=false");

    private async Task LaunchAsync(int port)
    {
        var folder = _folder.CreateSubdirectory(port.ToString(CultureInfo.InvariantCulture));
        _processes.Add(
            port,
            await ServerProcess.StartAsync(
                "redis-server",
                [
                    "--port",
                    $"{port}",
                    "--bind",
                    "127.0.0.1",
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
                    "--repl-diskless-sync-delay",
                    "0",
                ],
                port
            )
        );
    }

    private async Task BecomesWholeAsync()
    {
        await HoldsAsync(IsWholeAsync, "every node sees the cluster whole");
        await HoldsAsync(IsReplicatedAsync, "every copy follows");
    }

    private async Task<bool> IsWholeAsync()
    {
        foreach (var port in _processes.Keys)
        {
            using var admin = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},allowAdmin=true,abortConnect=false");
            var server = admin.GetServer("127.0.0.1", port);
            if (
                !server.IsConnected
                || !$"{await server.ExecuteAsync("CLUSTER", "INFO")}".Contains("cluster_state:ok", StringComparison.Ordinal)
            )
                return false;
        }
        return true;
    }

    private async Task<bool> IsReplicatedAsync()
    {
        using var admin = await ConnectAsync();
        var copies = 0;
        foreach (var server in admin.GetServers())
        {
            if ($"{await server.ExecuteAsync("INFO", "replication")}".Contains("master_link_status:up", StringComparison.Ordinal))
                copies++;
        }
        return copies == Nodes / 2;
    }

    private static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Limit)
                throw new TimeoutException($"Not within {Limit.TotalSeconds:0} s: {what}.");
            await Task.Delay(50);
        }
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
}
