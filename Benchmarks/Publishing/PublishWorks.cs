using EventStreams;

namespace Benchmarks.Publishing;

/// <summary>The ways to publish that are measured.</summary>
internal static class PublishWorks
{
    /// <summary>Events in a batch, and calls in flight.</summary>
    public const int Many = 100;

    public static async Task OneAfterTheOtherAsync(IEventPublisher publisher, Topic topic, EventMessage message, int events)
    {
        for (var i = 0; i < events; i++)
            await publisher.PublishAsync(topic, message);
    }

    public static async Task ManyInFlightAsync(IEventPublisher publisher, Topic topic, EventMessage message, int events)
    {
        var pending = new Task<PublishResult>[Many];
        for (var i = 0; i < events; i++)
        {
            if (i >= Many)
                await pending[i % Many];
            pending[i % Many] = publisher.PublishAsync(topic, message).AsTask();
        }
        for (var i = Math.Max(0, events - Many); i < events; i++)
            await pending[i % Many];
    }

    public static async Task BatchesAsync(IEventPublisher publisher, Topic topic, EventMessage message, int events)
    {
        var batch = Enumerable.Repeat(message, Many).ToArray();
        for (var i = 0; i < events; i += Many)
            await publisher.PublishAsync(topic, batch);
    }

    public static async Task OneLargeBatchAsync(IEventPublisher publisher, Topic topic, EventMessage message, int events) =>
        await publisher.PublishAsync(topic, Enumerable.Repeat(message, events).ToArray());
}
