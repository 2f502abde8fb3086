using Benchmarks.Load;
using StackExchange.Redis;

namespace Benchmarks.Faults;

/// <summary>A server that holds the log alone, and to which faults are done. It keeps its port; redis-server keeps its data on disk, Garnet
/// keeps none.</summary>
internal sealed class FaultRedis : IFaultServers
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fault-redis-");
    private readonly int _port = ServerProcess.FreePort();
    private readonly string? _garnet;
    private ServerProcess? _process;

    private FaultRedis(string? garnet) => _garnet = garnet;

    public string ConnectionString => $"127.0.0.1:{_port}";

    public int ProcessId => _process!.Id;

    /// <summary>Starts redis-server or, where its file is named, Garnet.</summary>
    public static async Task<FaultRedis> StartAsync(string? garnet = null)
    {
        var redis = new FaultRedis(garnet);
        await redis.LaunchAsync();
        return redis;
    }

    /// <summary>Kills it without warning.</summary>
    public void Kill()
    {
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Starts it again after <see cref="Kill"/>, with or without what it held.</summary>
    public async Task StartAgainAsync(bool keepsData)
    {
        if (!keepsData)
        {
            _folder.Delete(recursive: true);
            _folder.Create();
        }
        await LaunchAsync();
    }

    /// <summary>Stops it from doing anything for a while; its connections stay open.</summary>
    public async Task FreezeAsync(TimeSpan duration)
    {
        _process!.Send(ProcessSignal.Stop);
        await Task.Delay(duration);
        _process.Send(ProcessSignal.Continue);
    }

    /// <summary>Cuts every connection of a type, <c>normal</c> or <c>pubsub</c>.</summary>
    public Task CutAsync(string type) => ExecuteAsync("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");

    /// <summary>Runs a command on a connection of its own.</summary>
    public async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        using var admin = await ConnectAsync();
        return await admin.GetServers()[0].ExecuteAsync(command, arguments);
    }

    /// <summary>The ids of the connections that are subscribed to something.</summary>
    public async Task<HashSet<string>> SubscribersAsync() =>
        [
            .. $"{await ExecuteAsync("CLIENT", "LIST", "TYPE", "pubsub")}"
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line[..line.IndexOf(' ', StringComparison.Ordinal)]),
        ];

    /// <summary>A connection of the caller's own.</summary>
    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(ConnectionString + ",allowAdmin=true");

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Task.Yield();
        _folder.Delete(recursive: true);
    }

    private async Task LaunchAsync() =>
        _process = _garnet is not null
            // Without the transaction mode, a script of Garnet is not atomic.
            ? await ServerProcess.StartAsync(
                "dotnet",
                [
                    _garnet,
                    "--bind",
                    "127.0.0.1",
                    "--port",
                    $"{_port}",
                    "--lua",
                    "--lua-transaction-mode",
                    "--memory",
                    "128m",
                    "--index",
                    "8m",
                ],
                _port
            )
            : await ServerProcess.StartAsync(
                "env",
                // Every reply waits for the disk, so that what was acknowledged is there after a kill. A file that may not grow is an error
                // to it and not its end.
                [
                    "--ignore-signal=XFSZ",
                    "redis-server",
                    "--port",
                    $"{_port}",
                    "--bind",
                    "127.0.0.1",
                    "--dir",
                    _folder.FullName,
                    "--save",
                    "",
                    "--appendonly",
                    "yes",
                    "--appendfsync",
                    "always",
                ],
                _port
            );
}
