using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>
/// The library's own connections: one for commands, one for subscriptions. They are apart so that a burst of messages does not delay a publish, and
/// so that commands fail fast while Redis is away whereas subscriptions wait and come back by themselves.
/// </summary>
internal sealed class RedisConnections(RedisEndpoint endpoint, IOptions<EventStreamsOptions> options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task<ConnectionMultiplexer>? _commands;
    private Task<ConnectionMultiplexer>? _subscriptions;

    /// <summary>The connection for commands.</summary>
    public Task<ConnectionMultiplexer> CommandsAsync()
    {
        lock (_gate)
            return _commands = Usable(_commands) ?? ConnectAsync("commands", failFast: true);
    }

    /// <summary>The connection for subscriptions.</summary>
    public Task<ConnectionMultiplexer> SubscriptionsAsync()
    {
        lock (_gate)
            return _subscriptions = Usable(_subscriptions) ?? ConnectAsync("subscriptions", failFast: false);
    }

    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>?[] all;
        lock (_gate)
            all = [_commands, _subscriptions];
        foreach (var connection in all)
        {
            if (connection is { IsCompletedSuccessfully: true })
                await (await connection).DisposeAsync();
        }
    }

    // A multiplexer heals itself once it exists; only one that could not be made (a bad address, say) is tried again.
    private static Task<ConnectionMultiplexer>? Usable(Task<ConnectionMultiplexer>? task) => task is { IsFaulted: false, IsCanceled: false } ? task : null;

    private Task<ConnectionMultiplexer> ConnectAsync(string purpose, bool failFast)
    {
        var configuration = endpoint.Parse();
        var timeout = (int)options.Value.RedisTimeout.TotalMilliseconds;
        configuration.AbortOnConnectFail = false;
        configuration.ClientName = $"eventstreams-{purpose}";
        configuration.SyncTimeout = timeout;
        configuration.AsyncTimeout = timeout;
        configuration.ConnectTimeout = Math.Max(timeout, 1000);
        configuration.BacklogPolicy = failFast ? BacklogPolicy.FailFast : BacklogPolicy.Default;
        configuration.ReconnectRetryPolicy = new LinearRetry(250);
        return ConnectionMultiplexer.ConnectAsync(configuration);
    }
}

/// <summary>Where Redis is: a StackExchange.Redis configuration string.</summary>
internal sealed record RedisEndpoint(string ConnectionString)
{
    public ConfigurationOptions Parse() => ConfigurationOptions.Parse(ConnectionString);
}
