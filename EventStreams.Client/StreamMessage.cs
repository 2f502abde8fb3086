namespace EventStreams.Client;

/// <summary>One message of a stream.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The position to resume after once this message is dealt with: the event's id or, for a gap, where the stream goes on.
/// Null where a server gives its events no ids.</param>
/// <param name="Type">The event's type; <c>message</c> where the server named none.</param>
/// <param name="Data">The event's data.</param>
public sealed record StreamMessage(StreamMessageKind Kind, string? Id, string Type, string Data)
{
    /// <summary>The topic, where several are followed; null for <see cref="StreamMessageKind.Open"/>, which is of all.</summary>
    public string? Topic { get; init; }

    /// <summary>What was missed; set for <see cref="StreamMessageKind.Gap"/>.</summary>
    public GapNotice? Gap { get; init; }

    /// <summary>A part of the topic's state; set for <see cref="StreamMessageKind.State"/>.</summary>
    public StateNotice? State { get; init; }

    /// <summary>The replica that serves the stream from here on; set for <see cref="StreamMessageKind.Open"/> where the server names
    /// it.</summary>
    public string? Replica { get; init; }
}
