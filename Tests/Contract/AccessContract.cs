using EventStreams;
using Microsoft.AspNetCore.Builder;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What every contract test with users has: a server of one kind, and replicas that share a key prefix.</summary>
public abstract class AccessContract(RedisServers servers, RedisServerKind kind) : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _started = [];

    protected static Topic News { get; } = Topic.Parse("news");

    protected static Topic Other { get; } = Topic.Parse("other");

    protected string KeyPrefix { get; } = RedisServers.CreateKeyPrefix();

    protected RedisServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await servers.GetAsync(kind);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var started in Enumerable.Reverse(_started))
            await started.DisposeAsync();
    }

    /// <summary>Starts a replica that lives until the test's end.</summary>
    internal async Task<AccessApp> StartAsync(
        IStreamAuthorizer? authorizer = null,
        string? connectionString = null,
        Action<EventStreamsOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null
    ) => Keep(await AccessApp.StartAsync(connectionString ?? Server.ConnectionString, KeyPrefix, authorizer, configure, build));

    /// <summary>Has something disposed of at the test's end.</summary>
    internal T Keep<T>(T started)
        where T : IAsyncDisposable
    {
        lock (_started)
            _started.Add(started);
        return started;
    }
}
