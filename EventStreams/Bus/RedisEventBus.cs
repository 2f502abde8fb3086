using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Bus;

/// <summary>The bell on Redis Pub/Sub: a channel and an ordered queue for each topic. (The client's plain handlers do not keep the order.)</summary>
internal sealed class RedisEventBus(RedisConnections connections, IOptions<EventStreamsOptions> options, EventStreamsMetrics metrics) : IEventBus
{
    private readonly Lock _gate = new();
    private ConnectionMultiplexer? _watched;

    public event Action<string>? Disturbed;

    public async ValueTask<IAsyncDisposable> SubscribeAsync(Topic topic, Action<ReadOnlyMemory<byte>> onEntry, CancellationToken cancellationToken)
    {
        var timeout = options.Value.RedisTimeout;
        try
        {
            var connection = await connections.SubscriptionsAsync().WaitAsync(timeout, cancellationToken);
            Watch(connection);
            var channel = RedisChannel.Literal(new TopicKeys(options.Value.KeyPrefix, topic).Channel);
            var subscribing = connection.GetSubscriber().SubscribeAsync(channel);
            ChannelMessageQueue queue;
            try
            {
                queue = await subscribing.WaitAsync(timeout, cancellationToken);
            }
            catch
            {
                // The acknowledgement may still come; nobody waits for it then.
                _ = subscribing.ContinueWith(static late => late.Result.UnsubscribeAsync(CommandFlags.FireAndForget), TaskContinuationOptions.OnlyOnRanToCompletion);
                throw;
            }
            queue.OnMessage(message => onEntry((byte[])message.Message!));
            metrics.Subscribed();
            return new Subscription(queue, metrics);
        }
        catch (Exception e) when (e is RedisConnectionException or RedisTimeoutException or TimeoutException)
        {
            throw new EventStreamUnavailableException("Redis did not acknowledge the subscription in time.", e);
        }
    }

    private void Watch(ConnectionMultiplexer connection)
    {
        lock (_gate)
        {
            if (_watched == connection)
                return;
            _watched = connection;
        }
        connection.ConnectionRestored += (_, e) =>
        {
            if (e.ConnectionType != ConnectionType.Subscription)
                return;
            metrics.Reconnected();
            Disturbed?.Invoke("restored");
        };
        connection.HashSlotMoved += (_, _) => Disturbed?.Invoke("slot-moved");
    }

    private sealed class Subscription(ChannelMessageQueue queue, EventStreamsMetrics metrics) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            metrics.Unsubscribed();
            await queue.UnsubscribeAsync(CommandFlags.FireAndForget);
        }
    }
}
