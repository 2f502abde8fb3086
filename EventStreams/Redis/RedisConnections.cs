using System.Net;
using EventStreams.Bus;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>
/// The library's own connection for commands, which fails fast while Redis is away, and the way to connections that only subscribe. They are apart so that a burst of messages does not delay a publish.
/// </summary>
internal sealed class RedisConnections(RedisEndpoint endpoint, IOptions<EventStreamsOptions> options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<ConnectionMultiplexer>? _commands;
    private bool? _isCluster;

    /// <summary>The connection for commands.</summary>
    public Task<ConnectionMultiplexer> CommandsAsync()
    {
        lock (_gate)
        {
            // A multiplexer heals itself once it exists; only one that could not be made (a bad address, say) is tried again.
            if (_commands is null or { IsFaulted: true } or { IsCanceled: true })
                _commands = ConnectionMultiplexer.ConnectAsync(Configuration());
            return _commands;
        }
    }

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

    /// <summary>The way to a server for a connection that only subscribes.</summary>
    public SubscriberTransport TransportTo(EndPoint endPoint) => new(endPoint, Configuration());

    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? commands;
        lock (_gate)
            commands = _commands;
        if (commands is { IsCompletedSuccessfully: true })
            await (await commands).DisposeAsync();
    }

    private ConfigurationOptions Configuration()
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
