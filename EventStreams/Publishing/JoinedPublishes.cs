using System.Collections.Concurrent;
using EventStreams.Redis;

namespace EventStreams.Publishing;

/// <summary>Joins single events that demand nothing of the log: those that are published to one topic at the same time go out as one call,
/// in the order in which they came.</summary>
internal sealed class JoinedPublishes(Func<PublishCall, Task<PublishResult[]>> run)
{
    private const int CallsInFlight = 2;
    private const int BytesPerCall = 256 * 1024;

    // A topic is here while something of it is under way.
    private readonly ConcurrentDictionary<Topic, CallBatcher<OutgoingEvent, PublishResult[]>> _topics = [];

    /// <summary>Publishes an event; the answer is its result alone.</summary>
    public Task<PublishResult[]> RunAsync(Topic topic, OutgoingEvent e)
    {
        while (true)
        {
            if (_topics.GetOrAdd(topic, static (topic, joined) => joined.Create(topic), this).TryRun(e, out var answer))
                return answer;
        }
    }

    /// <summary>Sends at once what waits to be published to a topic.</summary>
    public void Flush(Topic topic)
    {
        if (_topics.TryGetValue(topic, out var calls))
            calls.Flush();
    }

    private CallBatcher<OutgoingEvent, PublishResult[]> Create(Topic topic) =>
        new(
            CallsInFlight,
            RedisEventPublisher.EventsPerCall,
            BytesPerCall,
            static e => e.Message.Payload.Length,
            async events =>
                Array.ConvertAll(
                    await run(new PublishCall(topic, events, PublishOptions.None, "")),
                    static result => (PublishResult[])[result]
                ),
            onIdle: () => _topics.TryRemove(topic, out _)
        );
}
