using Benchmarks.Load;
using StackExchange.Redis;

namespace Benchmarks.Faults;

/// <summary>A redis-server that keeps its data on disk, and to which faults are done. It keeps its port.</summary>
internal sealed class FaultRedis : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fault-redis-");
    private readonly int _port = ServerProcess.FreePort();
    private ServerProcess? _process;

    public string ConnectionString => $"127.0.0.1:{_port}";

    public static async Task<FaultRedis> StartAsync()
    {
        var redis = new FaultRedis();
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

    /// <summary>Cuts every connection that is subscribed to something.</summary>
    public async Task CutSubscriptionsAsync()
    {
        using var admin = await ConnectAsync();
        await admin.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
    }

    /// <summary>A connection of the caller's own.</summary>
    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(ConnectionString + ",allowAdmin=true");

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Task.Yield();
        _folder.Delete(recursive: true);
    }

    private async Task LaunchAsync() =>
        _process = await ServerProcess.StartAsync(
            "redis-server",
            // Every reply waits for the disk, so that what was acknowledged is there after a kill.
            [
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
