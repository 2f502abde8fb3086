using System.Buffers;

namespace EventStreams.Publishing;

/// <summary>What may be published.</summary>
public static class PublishValidation
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"
    );

    /// <summary>The longest event type, key and producer id, in characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Whether a text can be an event type: 1 to 100 letters, digits, <c>. _ : -</c>, and not one of the library's own
    /// <c>stream.…</c>.</summary>
    public static bool IsEventType(string? type) => IsName(type) && !type!.StartsWith("stream.", StringComparison.Ordinal);

    /// <summary>Whether a text can be a producer id: 1 to 100 letters, digits, <c>. _ : -</c>.</summary>
    public static bool IsProducerId(string? id) => IsName(id);

    internal static void Check(EventMessage message, int maxPayloadBytes)
    {
        if (!IsEventType(message.Type))
            throw new ArgumentException(
                $"'{message.Type}' is not an event type: use 1 to {MaxNameLength} letters, digits, '.', '_', ':' or '-', and no name that "
                    + "begins with 'stream.'."
            );
        if (message.Payload.Length > maxPayloadBytes)
            throw new ArgumentException(
                $"The payload has {message.Payload.Length} bytes; the limit is {maxPayloadBytes} (EventStreams:MaxPayloadBytes). Publish "
                    + "a reference to large data instead."
            );
        if (message.Key is { } key && (key.Length is 0 or > MaxNameLength))
            throw new ArgumentException($"A key has 1 to {MaxNameLength} characters.");
        if (message is { IsTombstone: true, Key: null })
            throw new ArgumentException("A tombstone removes a key, and needs one.");
    }

    internal static void Check(PublishOptions options, int events)
    {
        if (options.Sequence > long.MaxValue - events)
            throw new ArgumentException("The sequence numbers of a call must not go beyond the largest 64-bit number.");
        if (options.ProducerId is { } producer && (!IsProducerId(producer) || options.Sequence < 1))
            throw new ArgumentException(
                $"A producer has an id of 1 to {MaxNameLength} letters, digits, '.', '_', ':' or '-', and sequence numbers from 1."
            );
        if (options.ProducerId is null && (options.Sequence != 0 || options.InSequence))
            throw new ArgumentException("A sequence number, and the demand of an order, need a producer id.");
        ArgumentOutOfRangeException.ThrowIfNegative(options.FencingToken, nameof(options));
    }

    private static bool IsName(string? text) =>
        text is { Length: > 0 and <= MaxNameLength } && !text.AsSpan().ContainsAnyExcept(NameCharacters);
}
