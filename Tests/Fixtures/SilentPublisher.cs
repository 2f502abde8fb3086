using EventStreams;
using EventStreams.Redis;
using StackExchange.Redis;

namespace Tests.Fixtures;

/// <summary>Appends to a topic's log as a publish does, but its notification reaches nobody: what a message looks like that Redis
/// lost.</summary>
internal static class SilentPublisher
{
    public static async Task PublishAsync(RedisServer server, string keyPrefix, Topic topic, params string[] payloads)
    {
        foreach (var payload in payloads)
            await RunAsync(server, keyPrefix, topic, "", ["abc", "note 1 -", "", payload]);
    }

    public static Task EndAsync(RedisServer server, string keyPrefix, Topic topic) => RunAsync(server, keyPrefix, topic, "e0d", []);

    private static async Task RunAsync(RedisServer server, string keyPrefix, Topic topic, string endCheck, RedisValue[] appended)
    {
        using var connection = await server.ConnectAsync();
        var keys = new TopicKeys(keyPrefix, topic);
        RedisValue[] values =
        [
            "epoch",
            1000,
            3600_000,
            7200_000,
            3600_000,
            0,
            0,
            0,
            0,
            endCheck,
            "stream.end 1 -",
            "PUBLISH",
            "nobody-listens",
            0,
            .. appended,
        ];
        await connection
            .GetDatabase()
            .ScriptEvaluateAsync(RedisScript.Publish.Text, [keys.Meta, keys.Log, keys.State, keys.Meta, keys.StateOrder], values);
    }
}
