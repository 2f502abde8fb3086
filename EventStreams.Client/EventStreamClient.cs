using System.Runtime.CompilerServices;

namespace EventStreams.Client;

/// <summary>
/// Follows event streams over HTTP (WHATWG HTML, section 9.2) and resumes them by itself. An instance may follow any number of streams at
/// the same time; it holds nothing but its <see cref="Counters"/>.
/// </summary>
/// <remarks>
/// The <see cref="HttpClient"/> is the caller's. Give it no handler that cuts a call after a time (a resilience pipeline does) or that
/// repeats calls:
/// a stream has no end, and repeating is what this class does.
/// Its <see cref="HttpClient.Timeout"/> bounds only the wait for the headers.
/// </remarks>
/// <param name="http">Makes the connections.</param>
/// <param name="time">The clock; the system's by default.</param>
public sealed class EventStreamClient(HttpClient http, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>What all streams of this instance have seen.</summary>
    public StreamCounters Counters { get; } = new();

    /// <summary>
    /// Every event after the cursor, once and in order, over as many connections as it takes. The sequence ends when the topic has ended:
    /// after a message of the kind <see cref="StreamMessageKind.End"/>, or without one where the server answers 204 because the cursor was
    /// already the end.
    /// </summary>
    /// <remarks>
    /// Broken connections, connections without a byte for <see cref="FollowOptions.IdleTimeout"/>, and the answers 408, 429 and 5xx are
    /// followed by another attempt with the id of the last message, after the delay that the server asked for or a growing one; <see
    /// cref="FollowOptions.Interrupted"/> is told. What the server no longer has is a message of the kind
    /// <see
    /// cref="StreamMessageKind.Gap"/>. A message counts as seen once it has been returned: a caller
    /// that must not lose one over its own restart keeps <see cref="StreamMessage.Id"/> with the work done, and begins with it.
    /// </remarks>
    /// <param name="address">The stream; relative to the client's base address where it has one.</param>
    /// <param name="options">Where to begin, and how patient to be.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="EventStreamRefusedException">The answer was a 4xx other than 408 and 429, or something that is no event
    /// stream.</exception>
    /// <exception cref="InvalidDataException">A notice of the server could not be read.</exception>
    public IAsyncEnumerable<StreamMessage> FollowAsync(
        Uri address,
        FollowOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Follow(address, topics: null, options, cancellationToken);

    /// <summary>
    /// Several topics over one connection at a time: every event of each after its cursor, once and in order, with its <see
    /// cref="StreamMessage.Topic"/>; between topics no order is promised. A topic's last message is of the kind <see
    /// cref="StreamMessageKind.End"/>; the sequence ends when all topics have ended. <see cref="StreamMessage.Id"/> stands for
    /// all topics:
    /// it resumes the same topics in the same order.
    /// </summary>
    /// <param name="address">The streams, without the topics; relative to the client's base address where it has one.</param>
    /// <param name="topics">The topics, each once.</param>
    /// <param name="options">Where to begin, and how patient to be.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <inheritdoc cref="FollowAsync(Uri, FollowOptions?, CancellationToken)" path="/remarks"/>
    /// <inheritdoc cref="FollowAsync(Uri, FollowOptions?, CancellationToken)" path="/exception"/>
    public IAsyncEnumerable<StreamMessage> FollowAsync(
        Uri address,
        IReadOnlyList<string> topics,
        FollowOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(topics);
        ArgumentOutOfRangeException.ThrowIfZero(topics.Count, nameof(topics));
        return Follow(address, topics, options, cancellationToken);
    }

    private IAsyncEnumerable<StreamMessage> Follow(
        Uri address,
        IReadOnlyList<string>? topics,
        FollowOptions? options,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(address);
        options ??= new FollowOptions();
        options.Validate();
        return FollowCoreAsync(topics is null ? address : WithTopics(address, topics), topics, options, cancellationToken);
    }

    private static Uri WithTopics(Uri address, IReadOnlyList<string> topics)
    {
        var text = address.OriginalString;
        var names = string.Join('&', topics.Select(topic => "topic=" + Uri.EscapeDataString(topic)));
        return new Uri($"{text}{(text.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{names}", UriKind.RelativeOrAbsolute);
    }

    private async IAsyncEnumerable<StreamMessage> FollowCoreAsync(
        Uri address,
        IReadOnlyList<string>? topics,
        FollowOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var follower = new StreamFollower(
            new ConnectionFactory(http, address, options, Counters, _time),
            topics,
            cancellationToken
        );
        while (await follower.NextAsync() is { } message)
            yield return message;
    }
}
