namespace EventStreams.Client;

/// <summary>One block of an event stream that says something: an event, or an id alone, which moves the position and is no event.</summary>
/// <param name="Id">The block's own id; null where it has none, which leaves the position as it is.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Data">The event's data; null for a block without any.</param>
internal readonly record struct StreamBlock(string? Id, string Type, string? Data);
