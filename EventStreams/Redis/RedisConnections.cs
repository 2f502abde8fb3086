using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>
/// The library's own connections: for publishes, and for reads of logs, whose pages would hold up the publishes behind them. Both fail fast while Redis is away. Connections that only subscribe are made elsewhere,
/// apart from both so that a burst of messages delays neither.
/// </summary>
internal sealed class RedisConnections(RedisEndpoint endpoint, IOptions<EventStreamsOptions> options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<ConnectionMultiplexer>? _commands;
    private Task<ConnectionMultiplexer>? _reads;
    private bool? _isCluster;

    /// <summary>The number of the database that all keys are in.</summary>
    public int Database { get; } = endpoint.Parse().DefaultDatabase ?? 0;

    /// <summary>The connection for publishes.</summary>
    public Task<ConnectionMultiplexer> CommandsAsync() => Connected(ref _commands);

    /// <summary>The connection for reads.</summary>
    public Task<ConnectionMultiplexer> ReadsAsync() => Connected(ref _reads);

    /// <summary>Whether the servers form a Redis Cluster.</summary>
    public bool IsCluster(ConnectionMultiplexer connection)
    {
        if (_isCluster is { } known)
            return known;
        var servers = connection.GetServers().Where(server => server.IsConnected).ToList();
        if (servers.Count == 0)
            return false;
        var isCluster = servers.Exists(server => server.ServerType == ServerType.Cluster);
        _isCluster = isCluster;
        return isCluster;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in new[] { _commands, _reads })
        {
            if (connection is { IsCompletedSuccessfully: true })
                await (await connection).DisposeAsync();
        }
    }

    private Task<ConnectionMultiplexer> Connected(ref Task<ConnectionMultiplexer>? connection)
    {
        if (Volatile.Read(ref connection) is { IsCompletedSuccessfully: true } made)
            return made;
        lock (_gate)
        {
            // A multiplexer heals itself once it exists; only one that could not be made (a bad address, say) is tried again.
            if (connection is null or { IsFaulted: true } or { IsCanceled: true })
                connection = ConnectionMultiplexer.ConnectAsync(Configuration());
            return connection;
        }
    }

    /// <summary>How to connect.</summary>
    public ConfigurationOptions Configuration()
    {
        var configuration = endpoint.Parse();
        var timeout = (int)options.Value.RedisTimeout.TotalMilliseconds;
        configuration.AbortOnConnectFail = false;
        configuration.ClientName = "eventstreams";
        configuration.SyncTimeout = timeout;
        configuration.AsyncTimeout = timeout;
        configuration.ConnectTimeout = Math.Max(timeout, 1000);
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.ReconnectRetryPolicy = new LinearRetry(250);
        return configuration;
    }
}

/// <summary>Where Redis is: a StackExchange.Redis configuration string.</summary>
internal sealed record RedisEndpoint(string ConnectionString)
{
    public ConfigurationOptions Parse() => ConfigurationOptions.Parse(ConnectionString);
}
