namespace EventStreams;

/// <summary>The events that the library itself puts on a stream.</summary>
public static class StreamEventTypes
{
    /// <summary>The first event of every stream; its id is the position after which the stream goes on. Data: <c>{topic, replica,
    /// cursor}</c>.</summary>
    public const string Open = "stream.open";

    /// <summary>
    /// A part of the topic's state, on streams that were asked for with <c>from=state</c>: at the beginning, and behind every gap, one or
    /// several. Data: <c>{topic, cursor, first, last, events: [{key, id, type, data}]}</c>, the newest event of each key; with
    /// <c>first</c>, what was there before is void; behind the part with <c>last</c>, the events after it follow.
    /// </summary>
    public const string State = "stream.state";

    /// <summary>Events after the client's cursor cannot be had any more. Data: <see cref="StreamGap"/>.</summary>
    public const string Gap = "stream.gap";

    /// <summary>The topic has ended; nothing follows. It has an id of its own: a client that comes back with it is answered 204.</summary>
    public const string End = "stream.end";

    /// <summary>The last event before the replica closes a stream, or instead of one: the client is to come back after the <c>retry</c> of
    /// the same block. It has no id. Data: <c>{reason, retry}</c>, the reason <c>full</c>, <c>address</c>, <c>draining</c> or
    /// <c>unavailable</c>, the retry in milliseconds.</summary>
    public const string Busy = "stream.busy";

    /// <summary>The last event of a stream whose credential has expired, or was revoked: the client is to come back with a new one, and
    /// goes on after the id of this block, which is its cursor. Data: <c>{topics, reason}</c>, the reason <c>expired</c> or
    /// <c>revoked</c>.</summary>
    public const string Expired = "stream.expired";

    /// <summary>How many follow the topic, over all replicas: on streams that asked for it with <c>presence=1</c>, whenever it has changed,
    /// and at most once a second. Data: <c>{topic, streams, subjects}</c>; subjects are those that are known, each once. It has no
    /// id.</summary>
    public const string Presence = "stream.presence";

    /// <summary>Stands in place of an event that the client has had in an earlier epoch of the log, so that its last event id moves on.
    /// Data: <c>{}</c>.</summary>
    public const string Seen = "stream.seen";

    /// <summary>Stands in a replay where the topic had ended for a while and was opened again.</summary>
    public const string Reopened = "stream.reopened";
}
