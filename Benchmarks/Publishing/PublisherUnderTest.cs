using Benchmarks.Fanout;
using EventStreams;

namespace Benchmarks.Publishing;

/// <summary>The library's publisher as a service has it, on a redis-server of the benchmark's own.</summary>
internal sealed class PublisherUnderTest : IDisposable
{
    private readonly IHost _host;

    private PublisherUnderTest(RedisUnderTest redis, IHost host) => (Redis, _host) = (redis, host);

    public RedisUnderTest Redis { get; }

    public IEventPublisher Publisher => _host.Services.GetRequiredService<IEventPublisher>();

    public static async Task<PublisherUnderTest> StartAsync()
    {
        var redis = await RedisUnderTest.StartAsync();
        // A busy machine must make the figures worse, not end the run.
        return new PublisherUnderTest(redis, BuildHost(redis.ConnectionString, options => options.RedisTimeout = TimeSpan.FromSeconds(30)));
    }

    /// <summary>A host with nothing but a publisher.</summary>
    public static IHost BuildHost(string connectionString, Action<EventStreamsOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:redis"] = connectionString });
        builder.AddEventPublisher("redis", configure);
        return builder.Build();
    }

    public void Dispose()
    {
        _host.Dispose();
        Redis.Dispose();
    }
}
