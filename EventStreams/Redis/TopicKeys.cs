using System.Globalization;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>The one place where keys and channel names are built. All keys of a topic share the hash tag <c>{topic}</c>, and so one slot of
/// a cluster.</summary>
internal readonly struct TopicKeys(string prefix, Topic topic)
{
    private readonly string _base = $"{prefix}:{{{topic.Name}}}";

    /// <summary>Hash: epoch, offset, check (of the newest event), fence, end, end_check, base, base_check, bytes.</summary>
    public RedisKey Meta => _base + ":meta";

    /// <summary>List: the entries, oldest first.</summary>
    public RedisKey Log => _base + ":log";

    /// <summary>Hash: key to newest entry.</summary>
    public RedisKey State => _base + ":state";

    /// <summary>Sorted set: each key of the state by the offset of its entry.</summary>
    public RedisKey StateOrder => _base + ":order";

    /// <summary>String: written behind a publish that replicas are to confirm.</summary>
    public RedisKey Mark => _base + ":mark";

    /// <summary>The channel of the topic's messages. Channels are common to all databases of a server, so it carries the database's number.
    /// A cluster has but one.</summary>
    public string Channel(int database) => database == 0 ? _base : string.Create(CultureInfo.InvariantCulture, $"{database}@{_base}");

    /// <summary>String: newest sequence number, offset and check of one producer.</summary>
    public RedisKey Producer(string producerId) => _base + ":p:" + producerId;
}
