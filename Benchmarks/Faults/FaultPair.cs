using System.Globalization;
using Benchmarks.Load;
using StackExchange.Redis;

namespace Benchmarks.Faults;

/// <summary>A primary and a copy that follows it, on two ports. When the primary is killed the copy takes over, and a new copy starts in
/// its place.</summary>
internal sealed class FaultPair : IFaultServers
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly int[] _ports = [ServerProcess.FreePort(), ServerProcess.FreePort()];
    private readonly ServerProcess?[] _processes = new ServerProcess?[2];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fault-pair-");
    private int _primary;

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[0]},127.0.0.1:{_ports[1]}");

    /// <summary>The copy alone.</summary>
    public string CopyConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_ports[1 - _primary]}");

    public static async Task<FaultPair> StartAsync()
    {
        var pair = new FaultPair();
        await pair.LaunchAsync(0, followed: null);
        await pair.LaunchAsync(1, followed: 0);
        return pair;
    }

    /// <summary>Leaves the copy as it is: it follows nobody from now on, and says so.</summary>
    public Task HoldCopyAsync() => ExecuteAsync(1 - _primary, "REPLICAOF", "127.0.0.1", "1");

    /// <summary>Has the copy follow the primary again.</summary>
    public async Task ReleaseCopyAsync()
    {
        await ExecuteAsync(1 - _primary, "REPLICAOF", "127.0.0.1", _ports[_primary]);
        await FollowsAsync(1 - _primary);
    }

    /// <summary>Kills the primary without warning; the copy takes over with what it has, and another copy starts.</summary>
    public async Task FailOverAsync()
    {
        var old = _primary;
        _processes[old]!.Dispose();
        await ExecuteAsync(1 - old, "REPLICAOF", "NO", "ONE");
        _primary = 1 - old;
        await LaunchAsync(old, followed: _primary);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            process?.Dispose();
        await Task.Yield();
        _folder.Delete(recursive: true);
    }

    private async Task LaunchAsync(int index, int? followed)
    {
        List<string> arguments =
        [
            "--port",
            $"{_ports[index]}",
            "--bind",
            "127.0.0.1",
            "--dir",
            _folder.CreateSubdirectory($"{index}").FullName,
            "--save",
            "",
            "--appendonly",
            "no",
            "--repl-diskless-sync-delay",
            "0",
        ];
        if (followed is { } primary)
            arguments.AddRange("--replicaof", $"127.0.0.1 {_ports[primary]}");
        _processes[index] = await ServerProcess.StartAsync("redis-server", arguments, _ports[index]);
        if (followed is not null)
            await FollowsAsync(index);
    }

    private async Task FollowsAsync(int index)
    {
        var started = Environment.TickCount64;
        while (!$"{await ExecuteAsync(index, "INFO", "replication")}".Contains("master_link_status:up", StringComparison.Ordinal))
        {
            if (Environment.TickCount64 - started > Limit.TotalMilliseconds)
                throw new TimeoutException("The copy does not follow its primary.");
            await Task.Delay(50);
        }
    }

    private async Task<RedisResult> ExecuteAsync(int index, string command, params object[] arguments)
    {
        using var admin = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_ports[index]},allowAdmin=true");
        return await admin.GetServers()[0].ExecuteAsync(command, arguments);
    }
}
