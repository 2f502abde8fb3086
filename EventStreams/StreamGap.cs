namespace EventStreams;

/// <summary>Tells a client, once, that events after its cursor cannot be had.</summary>
/// <param name="Reason">
/// <list type="table">
/// <item><term><c>trimmed</c></term><description>The log no longer holds them. The stream goes on with the oldest event that it does
/// hold.</description></item>
/// <item><term><c>epoch</c></term><description>The cursor belongs to another epoch of the log (it was wiped: the stream goes on with the
/// first event of the new epoch), or to an event that an older copy of the log has replaced (the stream goes on from the
/// head).</description></item>
/// <item><term><c>future</c></term><description>The cursor is ahead of the log, which lost its newest events. The stream goes on from the
/// head.</description></item>
/// <item><term><c>unknown</c></term><description>The cursor is not an event id of this system. The stream goes on from the
/// head.</description></item>
/// <item><term><c>damaged</c></term><description>The log's entry cannot be read, as something else has written to the topic's keys. The
/// stream goes on with the next one.</description></item>
/// </list>
/// </param>
/// <param name="From">The first offset missed, where it is known.</param>
/// <param name="To">The last offset missed, where it is known.</param>
/// <param name="Cursor">The id after which the stream goes on; the client's last event id is set to it or, on a stream over several
/// topics, to one that holds it.</param>
/// <param name="Snapshot">Where the state as of now can be fetched, or null.</param>
/// <param name="Topic">The topic's name.</param>
public sealed record StreamGap(string Reason, long? From, long? To, string Cursor, string? Snapshot, string Topic)
{
    /// <summary>The log no longer holds the events.</summary>
    public const string Trimmed = "trimmed";

    /// <summary>The cursor belongs to another log.</summary>
    public const string Epoch = "epoch";

    /// <summary>The cursor is ahead of the log.</summary>
    public const string Future = "future";

    /// <summary>The cursor is no event id.</summary>
    public const string Unknown = "unknown";

    /// <summary>The log's entry cannot be read.</summary>
    public const string Damaged = "damaged";
}
