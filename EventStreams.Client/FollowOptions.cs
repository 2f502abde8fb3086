namespace EventStreams.Client;

/// <summary>Where a stream begins, and how its connections are kept.</summary>
public sealed class FollowOptions
{
    /// <summary>The id after which to begin; null for the oldest event that the server holds. To begin after the newest, put
    /// <c>from=head</c> into the address; to begin with the topic's state, <c>from=state</c>.</summary>
    public string? LastEventId { get; init; }

    /// <summary>
    /// How long a connection may be without a byte, comments included, before it is given up as dead; the wait for the headers as well.
    /// Keep it at twice the server's heartbeat (15 s) or more. Above zero.
    /// </summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>The delay before another connection, as long as the server has not said its own (<c>retry</c>). Up to half as much is added
    /// at random.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Where the delay stops growing. It doubles with every connection in succession that brought no message. A longer delay that the
    /// server asks for is kept to nonetheless.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Called with the request of every connection, for example to set a fresh <c>Authorization</c>.</summary>
    public Action<HttpRequestMessage>? ConfigureRequest { get; init; }

    /// <summary>
    /// Called for the ticket that the stream's address is given (<c>ticket</c>): before the first connection, and again when the ticket
    /// has expired or is not taken any more. What it throws ends the stream, but for an <see cref="HttpRequestException"/> (other than one
    /// with a status of 4xx), after which it is called again as after a connection that broke. Null for none.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Ticket { get; init; }

    /// <summary>Called when a connection ended or was not made, before the delay: the place for a log line.</summary>
    public Action<StreamInterruption>? Interrupted { get; init; }

    internal void Validate()
    {
        if (IdleTimeout <= TimeSpan.Zero || IdleTimeout > ReconnectDelay.Longest)
            throw new ArgumentOutOfRangeException(
                nameof(IdleTimeout),
                IdleTimeout,
                $"IdleTimeout must be above zero and at most {ReconnectDelay.Longest}."
            );
        if (Retry < TimeSpan.Zero || Retry > ReconnectDelay.Longest)
            throw new ArgumentOutOfRangeException(nameof(Retry), Retry, $"Retry must be from zero to {ReconnectDelay.Longest}.");
        if (MaxDelay <= TimeSpan.Zero || MaxDelay > ReconnectDelay.Longest)
            throw new ArgumentOutOfRangeException(
                nameof(MaxDelay),
                MaxDelay,
                $"MaxDelay must be above zero and at most {ReconnectDelay.Longest}."
            );
    }
}
