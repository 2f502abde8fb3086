using System.Text.Json.Serialization;

namespace EventStreams.Client;

/// <summary>A part of the topic's state, on a stream whose address has <c>from=state</c>: at its beginning, and behind every gap.</summary>
/// <param name="IsFirst">Whether the state begins here: what was known before is void.</param>
/// <param name="IsLast">Whether the state is complete with it: the events that follow are those after it.</param>
/// <param name="Events">The newest event of each key, in the order in which they were published.</param>
public sealed record StateNotice(
    [property: JsonPropertyName("first")] bool IsFirst,
    [property: JsonPropertyName("last")] bool IsLast,
    IReadOnlyList<StateEvent> Events
);

/// <summary>The newest event of a key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Data">Its data.</param>
public sealed record StateEvent(string Key, string Id, string Type, string Data);
