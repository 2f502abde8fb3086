using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Benchmarks.Peers;

/// <summary>The design that most articles show: <see cref="TypedResults.ServerSentEvents{T}(IAsyncEnumerable{SseItem{T}})"/> over a Redis
/// subscription for each client. It replays nothing.</summary>
internal static class NaiveReplica
{
    public static async Task RunAsync(string[] args)
    {
        var app = PeerHost.Create(args).Build();
        var redis = await ConnectionMultiplexer.ConnectAsync(app.Configuration.GetConnectionString("redis")!);
        var subscriber = redis.GetSubscriber();

        async IAsyncEnumerable<SseItem<string>> Follow(string topic, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            var queue = await subscriber.SubscribeAsync(RedisChannel.Literal("naive:" + topic));
            try
            {
                yield return new SseItem<string>("open", "open");
                await foreach (var message in queue.WithCancellation(cancellation))
                    yield return new SseItem<string>(message.Message!, "message");
            }
            finally
            {
                await queue.UnsubscribeAsync();
            }
        }

        app.MapGet(
            "/streams/{topic}",
            (string topic, CancellationToken cancellation) => TypedResults.ServerSentEvents(Follow(topic, cancellation))
        );
        app.MapPost(
            "/streams/{topic}",
            async (string topic, HttpRequest request) =>
            {
                using var reader = new StreamReader(request.Body);
                await subscriber.PublishAsync(RedisChannel.Literal("naive:" + topic), await reader.ReadToEndAsync());
                return TypedResults.Accepted((string?)null);
            }
        );
        await app.RunAsync();
    }
}
