using System.Net;
using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Bus;

/// <summary>
/// Notifies a replica that a topic has a new entry, and brings the entry along: a channel of Redis Pub/Sub for each topic, a subscribing
/// connection for each server. Messages may be lost (a broken connection, an overrun buffer, a failover); whoever listens notices by the
/// offsets and reads the log. Where the servers form a cluster, channels are sharded and follow their slots; the client library knows the
/// topology, and is asked again whenever a server loses a channel.
/// </summary>
internal sealed partial class RedisEventBus(
    RedisConnections connections,
    IOptions<EventStreamsOptions> options,
    EventStreamsMetrics metrics,
    ILogger<RedisEventBus> logger
) : IDisposable
{
    private static readonly TimeSpan MovePause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();

    // Held while channels move from one connection to another, when their listeners are at neither.
    private readonly Lock _moving = new();
    private readonly Dictionary<EndPoint, RedisSubscriber> _subscribers = [];
    private IConnectionMultiplexer? _topology;
    private int _isMoving;
    private bool _isDisposed;

    /// <summary>Raised when messages may have been lost on every subscription; the argument names the cause: <c>restored</c>,
    /// <c>slot-moved</c>.</summary>
    public event Action<string>? Disturbed;

    /// <summary>
    /// Subscribes to a topic's channel; when the task has completed, the server has acknowledged, and every entry published from then on is
    /// passed to <paramref name="onEntry"/>, one after the other in the order of the channel, unless it is lost. The memory is valid during
    /// the call only. Disposing unsubscribes.
    /// </summary>
    /// <exception cref="EventStreamUnavailableException">The server did not acknowledge in time.</exception>
    public async ValueTask<IDisposable> SubscribeAsync(
        Topic topic,
        Action<ReadOnlyMemory<byte>> onEntry,
        CancellationToken cancellationToken
    )
    {
        var channel = new TopicKeys(options.Value.KeyPrefix, topic).Channel(connections.Database);
        await ListenAsync(channel, onEntry, cancellationToken);
        metrics.Subscribed();
        return new Subscription(this, channel, onEntry, metrics);
    }

    /// <summary>Subscribes to a channel that belongs to no topic.</summary>
    /// <inheritdoc cref="SubscribeAsync(Topic, Action{ReadOnlyMemory{byte}}, CancellationToken)"/>
    public async ValueTask<IDisposable> SubscribeAsync(
        Func<CommonKeys, Func<int, string>> common,
        Action<ReadOnlyMemory<byte>> onMessage,
        CancellationToken cancellationToken
    )
    {
        var channel = common(new CommonKeys(options.Value.KeyPrefix))(connections.Database);
        await ListenAsync(channel, onMessage, cancellationToken);
        return new Subscription(this, channel, onMessage, metrics: null);
    }

    private async ValueTask ListenAsync(string channel, Action<ReadOnlyMemory<byte>> onEntry, CancellationToken cancellationToken)
    {
        try
        {
            var topology = await TopologyAsync(cancellationToken);
            try
            {
                await SubscriberAt(OwnerOf(topology, channel), topology)
                    .AddAsync(channel, onEntry)
                    .WaitAsync(options.Value.RedisTimeout, cancellationToken);
            }
            catch
            {
                Remove(channel, onEntry);
                throw;
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw new EventStreamUnavailableException("Redis did not acknowledge the subscription in time.", e);
        }
    }

    /// <summary>A subscriber has lost its connection, or could not make one; another try follows. Called on its thread, as the next
    /// two.</summary>
    public void OnDisconnected()
    {
        // Only where there is another server could the channels be elsewhere.
        if (_topology is { } topology && topology.GetEndPoints().Length > 1)
            MoveSoon();
    }

    /// <summary>A subscriber's connection is back and every channel is acknowledged: messages were lost meanwhile.</summary>
    public void OnRestored()
    {
        metrics.Reconnected();
        Disturbed?.Invoke("restored");
    }

    /// <summary>A server no longer has (some of) its channels' slots.</summary>
    public void OnSlotMoved() => MoveSoon();

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var subscriber in _subscribers.Values)
                subscriber.Dispose();
            _subscribers.Clear();
        }
    }

    private async Task<IConnectionMultiplexer> TopologyAsync(CancellationToken cancellationToken)
    {
        var topology = await connections.CommandsAsync().WaitAsync(options.Value.RedisTimeout, cancellationToken);
        if (Interlocked.Exchange(ref _topology, topology) != topology)
        {
            topology.HashSlotMoved += (_, _) => MoveSoon();
            // Channels that went to a replica while the primary was away go back.
            topology.ConnectionRestored += (_, _) => OnDisconnected();
        }
        return topology;
    }

    private RedisSubscriber SubscriberAt(EndPoint endPoint, IConnectionMultiplexer topology)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_subscribers.TryGetValue(endPoint, out var subscriber))
                _subscribers.Add(
                    endPoint,
                    subscriber = new RedisSubscriber(
                        new SubscriberTransport(endPoint, connections.Configuration()),
                        connections.IsCluster(topology),
                        this,
                        logger
                    )
                );
            return subscriber;
        }
    }

    private EndPoint OwnerOf(IConnectionMultiplexer topology, string channel)
    {
        if (connections.IsCluster(topology))
            return topology.GetServer((RedisKey)channel).EndPoint;
        // The primary, or whichever is there: a replica passes messages on as well.
        var servers = topology.GetServers();
        return (servers.FirstOrDefault(s => s is { IsConnected: true, IsReplica: false }) ?? servers[0]).EndPoint;
    }

    private void Remove(string channel, Action<ReadOnlyMemory<byte>> onEntry)
    {
        lock (_moving)
        {
            foreach (var subscriber in Subscribers())
            {
                if (subscriber.Remove(channel, onEntry))
                    return;
            }
        }
    }

    private RedisSubscriber[] Subscribers()
    {
        lock (_gate)
            return [.. _subscribers.Values];
    }

    private void MoveSoon()
    {
        if (Interlocked.Exchange(ref _isMoving, 1) == 0)
            _ = Task.Run(MoveAsync);
    }

    // Puts every channel where its slot is now, and asks again for those that a server has given up.
    private async Task MoveAsync()
    {
        try
        {
            // A slot on its way is refused by both sides for a moment.
            await Task.Delay(MovePause);
            // What is told from here on asks for another round, as this one may look at the topology before it.
            Volatile.Write(ref _isMoving, 0);
            var topology = _topology!;
            await topology.ConfigureAsync();
            var adding = new List<Task>();
            // Asked once a channel: between two answers the owner could change, or not be known, and a channel be left with nobody.
            var owners = new Dictionary<string, EndPoint>();
            foreach (var from in Subscribers())
            {
                lock (_moving)
                {
                    foreach (
                        var (channel, listener) in from.TakeAway(channel =>
                            !(owners[channel] = OwnerOf(topology, channel)).Equals(from.EndPoint)
                        )
                    )
                        adding.Add(SubscriberAt(owners[channel], topology).AddAsync(channel, listener));
                }
                from.AskAgain();
            }
            await Task.WhenAll(adding).WaitAsync(options.Value.RedisTimeout);
            Disturbed?.Invoke("slot-moved");
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The tail check keeps the streams whole meanwhile; the next disturbance tries again.
            LogMoveFailed(e.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Subscriptions could not follow their slots. {Reason}")]
    private partial void LogMoveFailed(string reason);

    // Only topics are counted.
    private sealed class Subscription(RedisEventBus bus, string channel, Action<ReadOnlyMemory<byte>> onEntry, EventStreamsMetrics? metrics)
        : IDisposable
    {
        public void Dispose()
        {
            metrics?.Unsubscribed();
            bus.Remove(channel, onEntry);
        }
    }
}
