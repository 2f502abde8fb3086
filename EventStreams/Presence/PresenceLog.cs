using System.Text.Json;
using EventStreams.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Presence;

/// <summary>The shares of all replicas in Redis. One that tells nothing for a while is gone, with all of its counts.</summary>
internal sealed class PresenceLog(RedisScriptRunner scripts, IOptions<EventStreamsOptions> options) : IStreamPresence
{
    /// <summary>How long a share lives when its replica tells nothing more.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(12);

    private const int TopicsPerCall = 500;

    private readonly CommonKeys _keys = new(options.Value.KeyPrefix);

    public async ValueTask<StreamSubscribers> GetSubscribersAsync(Topic topic, CancellationToken cancellationToken = default) =>
        (await ReadAsync([topic], cancellationToken))[0];

    /// <summary>Tells what has changed on a replica.</summary>
    /// <returns>Whether its share was still there, and the replicas that live.</returns>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time.</exception>
    public async Task<(bool WasThere, string[] Replicas)> TellAsync(string replica, IReadOnlyList<(Topic Topic, string Text)> changes)
    {
        var values = new RedisValue[4 + changes.Count * 2];
        values[0] = replica;
        values[1] = (long)TimeToLive.TotalMilliseconds;
        values[2] = await scripts.IsClusterAsync(CancellationToken.None) ? "SPUBLISH" : "PUBLISH";
        values[3] = _keys.PresenceChannel(scripts.Database);
        for (var i = 0; i < changes.Count; i++)
            (values[4 + i * 2], values[5 + i * 2]) = (changes[i].Topic.Name, changes[i].Text);
        var reply = (RedisResult[])
            (await scripts.RunAsync(RedisScript.Presence, [_keys.Replicas, _keys.Share(replica)], values, CancellationToken.None))!;
        return ((int)reply[0] == 1, [.. reply.Skip(1).Select(name => (string)name!)]);
    }

    /// <summary>Takes a replica's share away, as it stops.</summary>
    /// <inheritdoc cref="TellAsync" path="/exception"/>
    public async Task LeaveAsync(string replica) =>
        await scripts.RunAsync(RedisScript.Presence, [_keys.Replicas, _keys.Share(replica)], [replica], CancellationToken.None);

    /// <summary>Who follows these topics.</summary>
    /// <inheritdoc cref="TellAsync" path="/exception"/>
    public async Task<StreamSubscribers[]> ReadAsync(IReadOnlyList<Topic> topics, CancellationToken cancellationToken)
    {
        var replicas = await CallAsync(_keys.Replicas, []);
        var all = new List<StreamSubscribers>(topics.Count);
        foreach (var part in topics.Chunk(TopicsPerCall))
        {
            var names = part.Select(topic => (RedisValue)topic.Name).ToArray();
            var shares = await Task.WhenAll(replicas.Select(replica => CallAsync(_keys.Share(replica!), names)));
            all.AddRange(names.Select((_, i) => Sum(shares.Select(share => share[i]))));
        }
        return [.. all];

        async Task<RedisValue[]> CallAsync(RedisKey key, RedisValue[] arguments) =>
            (RedisValue[])(await scripts.RunAsync(RedisScript.PresenceRead, [key], arguments, cancellationToken))!;
    }

    private static StreamSubscribers Sum(IEnumerable<RedisValue> shares)
    {
        var (streams, subjects, isComplete) = (0, new HashSet<string>(), true);
        foreach (var text in shares)
        {
            if (text.IsNullOrEmpty || JsonSerializer.Deserialize<PresenceShare>((string)text!) is not { } share)
                continue;
            streams += share.Streams;
            subjects.UnionWith(share.Subjects ?? []);
            isComplete &= !share.HasMore;
        }
        return new StreamSubscribers(streams, subjects, isComplete);
    }
}
