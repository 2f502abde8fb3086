using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>
/// The connections for publishes, and for reads of logs, whose pages would hold up the publishes behind them: the library's own, which fail
/// fast while Redis is away, or the app's. Connections that only subscribe are made elsewhere, apart from both so that a burst of messages
/// delays neither.
/// </summary>
internal sealed class RedisConnections(IOptions<EventStreamsOptions> options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer>? _commands;
    private Task<IConnectionMultiplexer>? _reads;
    private Task<IConnectionMultiplexer>? _confirmed;
    private bool? _isCluster;

    /// <summary>The number of the database that all keys are in.</summary>
    public int Database { get; } = RedisConfiguration.Of(options.Value).DefaultDatabase ?? 0;

    /// <summary>The connection for publishes.</summary>
    public Task<IConnectionMultiplexer> CommandsAsync() => Connected(ref _commands, isOwn: false);

    /// <summary>The connection for reads.</summary>
    public Task<IConnectionMultiplexer> ReadsAsync() => Connected(ref _reads, isOwn: false);

    /// <summary>The connection for publishes that replicas confirm: the library's own in any case, as it is held up by each of
    /// them.</summary>
    public Task<IConnectionMultiplexer> ConfirmedAsync() => Connected(ref _confirmed, isOwn: true);

    /// <summary>Whether the servers form a Redis Cluster.</summary>
    public bool IsCluster(IConnectionMultiplexer connection)
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

    /// <summary>How to connect, for a connection of one's own.</summary>
    public ConfigurationOptions Configuration() => RedisConfiguration.Of(options.Value);

    public async ValueTask DisposeAsync()
    {
        // The app's own is the app's to close.
        var isGiven = options.Value.ConnectionMultiplexer is not null;
        foreach (var connection in isGiven ? [_confirmed] : new[] { _commands, _reads, _confirmed })
        {
            if (connection is { IsCompletedSuccessfully: true })
                await (await connection).DisposeAsync();
        }
    }

    private Task<IConnectionMultiplexer> Connected(ref Task<IConnectionMultiplexer>? connection, bool isOwn)
    {
        if (Volatile.Read(ref connection) is { IsCompletedSuccessfully: true } made)
            return made;
        lock (_gate)
        {
            // A multiplexer heals itself once it exists; only one that could not be made (a bad address, say) is tried again.
            if (connection is null or { IsFaulted: true } or { IsCanceled: true })
                connection = ConnectAsync(isOwn);
            return connection;
        }
    }

    private async Task<IConnectionMultiplexer> ConnectAsync(bool isOwn) =>
        (isOwn ? null : options.Value.ConnectionMultiplexer) ?? await ConnectionMultiplexer.ConnectAsync(Configuration());
}
