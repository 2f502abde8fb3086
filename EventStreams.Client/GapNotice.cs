namespace EventStreams.Client;

/// <summary>Tells, once, that events after the cursor cannot be had.</summary>
/// <param name="Reason"><c>trimmed</c>, <c>epoch</c>, <c>future</c> or <c>unknown</c>; other servers may have others.</param>
/// <param name="From">The first offset missed, where it is known.</param>
/// <param name="To">The last offset missed, where it is known.</param>
/// <param name="Cursor">The id after which the stream goes on.</param>
/// <param name="Snapshot">Where the state can be fetched, or null.</param>
/// <param name="Topic">The topic, where the server names it.</param>
public sealed record GapNotice(string Reason, long? From, long? To, string Cursor, string? Snapshot = null, string? Topic = null);
