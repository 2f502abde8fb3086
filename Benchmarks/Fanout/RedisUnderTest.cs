using Benchmarks.Load;

namespace Benchmarks.Fanout;

/// <summary>A redis-server of the benchmark's own, without persistence, fresh for every design.</summary>
internal sealed class RedisUnderTest : IDisposable
{
    private readonly ServerProcess _process;

    private RedisUnderTest(ServerProcess process) => _process = process;

    public int Port => _process.Port;

    public string ConnectionString => $"127.0.0.1:{Port}";

    public double ProcessorSeconds => _process.ProcessorSeconds();

    public static async Task<RedisUnderTest> StartAsync()
    {
        var port = ServerProcess.FreePort();
        return new RedisUnderTest(
            await ServerProcess.StartAsync(
                "redis-server",
                ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
                port
            )
        );
    }

    public void Dispose() => _process.Dispose();
}
