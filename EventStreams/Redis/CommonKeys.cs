using System.Globalization;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>The keys and channels that belong to no topic. Their hash tags begin with a letter that no topic begins with.</summary>
internal readonly struct CommonKeys(string prefix)
{
    private readonly string _access = $"{prefix}:{{_access}}";
    private readonly string _presence = $"{prefix}:{{_presence}}";

    /// <summary>Sorted set: what was revoked, to the time in microseconds.</summary>
    public RedisKey Revoked => _access + ":revoked";

    /// <summary>List: the keys that tickets are signed with, as XML.</summary>
    public RedisKey ProtectionKeys => _access + ":keys";

    /// <summary>String: who makes the first of these keys.</summary>
    public RedisKey ProtectionLock => _access + ":keys-lock";

    /// <summary>The channel on which is told what was revoked.</summary>
    public string RevokedChannel(int database) => Channel(_access, database);

    /// <summary>Sorted set: the replicas that serve streams, to when they last told so, in milliseconds.</summary>
    public RedisKey Replicas => _presence + ":replicas";

    /// <summary>Hash: topic to a replica's streams of it.</summary>
    public RedisKey Share(string replica) => _presence + ":" + replica;

    /// <summary>The channel on which is told where streams have begun or ended.</summary>
    public string PresenceChannel(int database) => Channel(_presence, database);

    private static string Channel(string key, int database) =>
        database == 0 ? key : string.Create(CultureInfo.InvariantCulture, $"{database}@{key}");
}
