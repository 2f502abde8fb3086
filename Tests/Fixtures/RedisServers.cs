[assembly: AssemblyFixture(typeof(Tests.Fixtures.RedisServers))]

namespace Tests.Fixtures;

/// <summary>
/// One server of each kind for all tests that only need some server: started when the first asks for it. Such tests keep apart by a key
/// prefix of their own, and those that kill, restart or configure a server start one with <see cref="RedisServer.StartAsync"/>.
/// </summary>
public sealed class RedisServers : IAsyncLifetime
{
    private readonly Dictionary<RedisServerKind, Lazy<Task<RedisServer>>> _servers = Enum.GetValues<RedisServerKind>()
        .ToDictionary(kind => kind, kind => new Lazy<Task<RedisServer>>(() => RedisServer.StartAsync(kind)));

    /// <summary>The shared server of that kind; skips the test where there is none.</summary>
    public Task<RedisServer> GetAsync(RedisServerKind kind) => _servers[kind].Value;

    /// <summary>A key prefix that no other test uses.</summary>
    public static string CreateKeyPrefix() => "t" + Guid.NewGuid().ToString("N")[..12];

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values.Where(server => server.IsValueCreated && server.Value.IsCompletedSuccessfully))
            await (await server.Value).DisposeAsync();
    }
}
