using EventStreams;

namespace Tests.Integration.Worker;

/// <summary>A publisher whose every event arrives, but whose answer to the first try of each is lost.</summary>
internal sealed class FlakyPublisher(IEventPublisher inner) : IEventPublisher
{
    private readonly HashSet<(string?, long)> _tried = [];

    public int LostAnswers { get; private set; }

    public async ValueTask<PublishResult> PublishAsync(
        Topic topic,
        EventMessage message,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var result = await inner.PublishAsync(topic, message, options, cancellationToken);
        if (!_tried.Add((options?.ProducerId, options?.Sequence ?? 0)))
            return result;
        LostAnswers++;
        throw new EventStreamUnavailableException();
    }

    public ValueTask<IReadOnlyList<PublishResult>> PublishAsync(
        Topic topic,
        IReadOnlyList<EventMessage> messages,
        PublishOptions? options = null,
        CancellationToken cancellationToken = default
    ) => inner.PublishAsync(topic, messages, options, cancellationToken);

    public ValueTask<PublishResult> EndAsync(Topic topic, PublishOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.EndAsync(topic, options, cancellationToken);
}
