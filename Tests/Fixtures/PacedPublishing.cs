using EventStreams;

namespace Tests.Fixtures;

/// <summary>Publishes for as long as a test needs events, and no faster than they are read.</summary>
internal static class PacedPublishing
{
    // So that a few are on their way whatever happens to the stream.
    private const int MostAhead = 20;

    /// <summary>Publishes 1, 2, 3 … as events <c>note</c>, and ends the topic with the one after <paramref name="isEnough"/>.</summary>
    /// <param name="publisher">The publisher.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="came">How many have come.</param>
    /// <param name="isEnough">Whether the next one is the last.</param>
    /// <returns>How many there are.</returns>
    public static Task<int> RunAsync(IEventPublisher publisher, Topic topic, Func<int> came, Func<bool> isEnough) =>
        Task.Run(async () =>
        {
            for (var i = 1; ; i++)
            {
                var isLast = isEnough();
                await publisher.PublishAsync(topic, EventMessage.Text("note", $"{i}"), new() { End = isLast });
                if (isLast)
                    return i;
                await Eventually.HoldsAsync(() => came() > i - MostAhead, $"event {i - MostAhead} has come");
            }
        });
}
