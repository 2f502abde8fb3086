using System.Text;
using System.Text.Json;
using EventStreams;
using EventStreams.Redis;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Somebody else writes to a topic's channel and keys: that topic may suffer, and nothing beside it.</summary>
public abstract class DamageContract(RedisServers servers, RedisServerKind kind, bool isDirect, bool isMultiplexed = false)
    : EventStreamsContract(servers, kind, isDirect, isMultiplexed)
{
    private static readonly Topic Other = Topic.Parse("untouched");

    private static void Often(EventStreamsOptions options)
    {
        options.TailCheckInterval = TimeSpan.FromMilliseconds(50);
        options.SubscriptionLinger = TimeSpan.Zero;
    }

    [Fact]
    public async Task Malformed_messages_on_the_channel_are_left_out_and_the_stream_goes_on()
    {
        var replica = await StartReplicaAsync("a", Often);
        await using var stream = await replica.OpenAsync(Topic);
        await using var other = await replica.OpenAsync(Other);
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        using var connection = await Server.ConnectAsync();
        var channel = RedisChannel.Literal($"{KeyPrefix}:{{{Topic}}}");
        await connection.GetSubscriber().PublishAsync(channel, "abc-7-1 n 999999999999999999 -\nx");
        var random = new Random(6);
        // Of another epoch: where the damage leaves it whole, it is still not the next event.
        for (var i = 0; i < 300; i++)
            await connection.GetSubscriber().PublishAsync(channel, Damage(random, "abc-2-abc note 1700000000000000 -\npayload"));
        await PublishAsync(replica, "2", "3");
        await replica.Publisher.PublishAsync(Other, EventMessage.Text("note", "beside"));
        Assert.Equal(["beside"], await other.TakeAsync(1));
        Assert.Equal(["2", "3"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task A_damaged_entry_of_the_log_is_told_and_the_stream_goes_on_behind_it()
    {
        var replica = await StartReplicaAsync("a", Often);
        await PublishAsync(replica, Numbers(1, 5));
        using (var connection = await Server.ConnectAsync())
        {
            await connection.GetDatabase().ListSetByIndexAsync($"{KeyPrefix}:{{{Topic}}}:log", 2, "no entry at all");
            await connection.GetDatabase().ListSetByIndexAsync($"{KeyPrefix}:{{{Topic}}}:log", 4, "abc-7-1 n 999999999999999999 -\nx");
        }
        await using var stream = await replica.OpenAsync(Topic);
        Assert.Equal(["n1", "n2"], await stream.TakeAsync(2));
        await AssertDamagedAsync(3);
        Assert.Equal(["n4"], await stream.TakeAsync(1));
        await AssertDamagedAsync(5);
        await PublishAsync(replica, "n6");
        Assert.Equal(["n6"], await stream.TakeAsync(1));

        async Task AssertDamagedAsync(long offset)
        {
            var block = await stream.NextAfterOpenAsync();
            Assert.Equal(StreamEventTypes.Gap, block!.Type);
            var gap = JsonSerializer.Deserialize<StreamGap>(block.Data!, JsonSerializerOptions.Web)!;
            Assert.Equal(("damaged", offset, offset), (gap.Reason, gap.From, gap.To));
            Assert.Equal(gap.Cursor, block.Id);
        }
    }

    [Fact]
    public async Task Whatever_is_done_to_the_keys_of_a_topic_others_are_served_and_it_recovers_when_they_are_gone()
    {
        var replica = await StartReplicaAsync("a", Often);
        await using var other = await replica.OpenAsync(Other);
        using var connection = await Server.ConnectAsync();
        var database = connection.GetDatabase();
        var keys = new TopicKeys(KeyPrefix, Topic);
        var random = new Random(66);
        for (var round = 0; round < 25; round++)
        {
            await database.KeyDeleteAsync([keys.Meta, keys.Log, keys.State]);
            foreach (var value in Numbers(1, 4))
                await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", value, "key"));
            await using var live = await replica.OpenAsync(Topic);
            await live.NextEventAsync();
            await DamageKeysAsync(database, keys, random, round);
            // Refused or taken, told or cut off: whatever happens stays with this topic and this call.
            try
            {
                await replica.Log.ReadStateAsync(Topic);
                await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "x"));
            }
            catch (Exception e) when (e is EventStreamUnavailableException or RedisServerException) { }
            await using (var late = await replica.OpenAsync(Topic, $"abc-{round}"))
                Assert.True(late.Response.IsSuccessStatusCode);
            await replica.Publisher.PublishAsync(Other, EventMessage.Text("note", $"beside {round}"));
            Assert.Equal([$"beside {round}"], await other.TakeAsync(1));
        }
        await database.KeyDeleteAsync([keys.Meta, keys.Log, keys.State]);
        await PublishAsync(replica, "whole");
        // Until it has noticed, a replica serves what it had.
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var stream = await replica.OpenAsync(Topic);
                return (await stream.NextAfterOpenAsync())!.Data == "whole";
            },
            "the topic has recovered"
        );
    }

    private static async Task DamageKeysAsync(IDatabase database, TopicKeys keys, Random random, int round)
    {
        string[] fields = ["epoch", "offset", "check", "fence", "end", "end_check", "base", "base_check"];
        string[] values = ["", "-1", "abc", "99999999999999999999", "1.5", "ffffffffff", "-", "7"];
        switch (round % 5)
        {
            case 0:
                await database.KeyDeleteAsync(keys.Log);
                await database.StringSetAsync(keys.Log, "not a list");
                break;
            case 1:
                await database.KeyDeleteAsync(keys.Meta);
                await database.StringSetAsync(keys.Meta, "not a hash");
                break;
            case 2:
                await database.HashSetAsync(keys.State, "key", Damage(random, "abc-2-abc note 1700000000000000 -\npayload"));
                break;
            case 3:
                await database.ListRightPushAsync(keys.Log, Damage(random, "abc-2-abc note 1700000000000000 -\npayload"));
                break;
            default:
                await database.HashSetAsync(keys.Meta, fields[random.Next(fields.Length)], values[random.Next(values.Length)]);
                break;
        }
    }

    private static byte[] Damage(Random random, string sample)
    {
        var bytes = Encoding.ASCII.GetBytes(sample);
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(3) switch
            {
                0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                _ => bytes[..at],
            };
            if (bytes.Length == 0)
                return bytes;
        }
        return bytes;
    }
}

public sealed class RedisDamageTests(RedisServers servers) : DamageContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class GarnetDamageTests(RedisServers servers) : DamageContract(servers, RedisServerKind.Garnet, isDirect: false);

public sealed class RedisMultiplexedDamageTests(RedisServers servers)
    : DamageContract(servers, RedisServerKind.Redis, isDirect: true, isMultiplexed: true);

public sealed class GarnetMultiplexedDamageTests(RedisServers servers)
    : DamageContract(servers, RedisServerKind.Garnet, isDirect: false, isMultiplexed: true);
