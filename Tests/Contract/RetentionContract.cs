using EventStreams;
using EventStreams.Redis;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What the logs of some topics keep, by length, bytes and time.</summary>
public abstract class RetentionContract(RedisServers servers, RedisServerKind kind) : EventStreamsContract(servers, kind, isDirect: false)
{
    private const int Limit = 10_000;

    [Fact]
    public async Task A_topic_keeps_what_the_first_pattern_that_matches_says()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.LogTimeToLive = TimeSpan.FromHours(10);
                options.Retention.Add(
                    new TopicRetention
                    {
                        Pattern = "orders:*:brief",
                        Length = 3,
                        TimeToLive = TimeSpan.FromHours(1),
                    }
                );
                options.Retention.Add(new TopicRetention { Pattern = "orders:*", Length = 5 });
            }
        );
        var brief = Topic.Parse(Topic.Name + ":brief");
        var other = Topic.Parse("x" + Topic.Name);
        using var connection = await Server.ConnectAsync();
        foreach (var (topic, held, hours) in new[] { (brief, 3, 1.0), (Topic, 5, 10.0), (other, 20, 10.0) })
        {
            for (var i = 0; i < 20; i++)
                await replica.Publisher.PublishAsync(topic, EventMessage.Text("note", $"n{i}"));
            Assert.Equal((topic, held), (topic, (await replica.Log.ReadAsync(topic, 0, 100)).Events.Count));
            var life = await connection.GetDatabase().KeyTimeToLiveAsync(new TopicKeys(KeyPrefix, topic).Log);
            Assert.InRange(life!.Value.TotalHours, hours - 0.01, hours * 1.2);
        }
    }

    [Fact]
    public async Task A_log_has_so_many_bytes_at_the_most_and_still_proves_its_oldest_cursor()
    {
        var replica = await StartLimitedAsync("a");
        var ids = await PublishAsync(replica, [.. Enumerable.Repeat(new string('x', 1000), 30)]);
        var page = await replica.Log.ReadAsync(Topic, 0, 100);
        Assert.InRange(page.Events.Count, 7, 9);
        Assert.Equal(30, page.Events[^1].Id.Offset);
        Assert.Equal(page.Events[0].Id.Offset, page.Position.FirstOffset);
        var oldest = page.Position.FirstOffset - 1;
        Assert.Equal(ids[(int)oldest - 1], (await replica.Log.ReadAsync(Topic, oldest, 1)).Before);
        await AssertCountedAsync(isLimited: true);
        // A small one more pushes out no more than it must, and a large one is held although it is larger than the limit.
        await PublishAsync(replica, "y", new string('z', 2 * Limit));
        Assert.Equal([32L], (await replica.Log.ReadAsync(Topic, 0, 100)).Events.Select(e => e.Id.Offset));
        // It goes when it is neither the newest nor proves the newest's cursor.
        await PublishAsync(replica, "y", "y", "y");
        Assert.Equal([34L, 35L], (await replica.Log.ReadAsync(Topic, 0, 100)).Events.Select(e => e.Id.Offset));
        await AssertCountedAsync(isLimited: true);
    }

    [Fact]
    public async Task A_limit_of_bytes_holds_for_a_log_that_had_none_before_and_comes_and_goes_with_the_publishers()
    {
        var free = await StartReplicaAsync("a");
        var limited = await StartLimitedAsync("b");
        for (var round = 0; round < 2; round++)
        {
            await PublishAsync(free, [.. Enumerable.Repeat(new string('x', 1000), 40)]);
            await AssertCountedAsync(isLimited: false);
            Assert.True((await free.Log.ReadAsync(Topic, 0, 100)).Events.Count >= 40);
            await limited.Publisher.PublishAsync(Topic, [.. Enumerable.Repeat(EventMessage.Text("note", new string('y', 100)), 3)]);
            await AssertCountedAsync(isLimited: true);
            Assert.InRange((await free.Log.ReadAsync(Topic, 0, 100)).Events.Count, 9, 12);
        }
        using var connection = await Server.ConnectAsync();
        await connection.GetDatabase().KeyDeleteAsync(new TopicKeys(KeyPrefix, Topic).Log);
        await PublishAsync(limited, "after it had expired");
        await AssertCountedAsync(isLimited: true);
    }

    private Task<Replica> StartLimitedAsync(string name) =>
        StartReplicaAsync(name, options => options.Retention.Add(new TopicRetention { Pattern = "orders:*", Bytes = Limit }));

    // The count beside the log is that of the log, or there is none.
    private async Task AssertCountedAsync(bool isLimited)
    {
        using var connection = await Server.ConnectAsync();
        var keys = new TopicKeys(KeyPrefix, Topic);
        var counted = await connection.GetDatabase().HashGetAsync(keys.Meta, "bytes");
        if (!isLimited)
        {
            Assert.True(counted.IsNull);
            return;
        }
        var entries = await connection.GetDatabase().ListRangeAsync(keys.Log);
        Assert.Equal(entries.Sum(e => e.Length()), (long)counted);
        Assert.True((long)counted <= Limit || entries.Length == 2, $"The log has {counted} bytes in {entries.Length} entries.");
    }
}

public sealed class RedisRetentionTests(RedisServers servers) : RetentionContract(servers, RedisServerKind.Redis);

public sealed class GarnetRetentionTests(RedisServers servers) : RetentionContract(servers, RedisServerKind.Garnet);
