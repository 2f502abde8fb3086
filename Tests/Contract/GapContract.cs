using System.Text.Json;
using EventStreams;
using EventStreams.Redis;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Healing of what Pub/Sub lost, and honest notices of what the log lost.</summary>
public abstract class GapContract(RedisServers servers, RedisServerKind kind, bool isDirect, bool isMultiplexed = false)
    : EventStreamsContract(servers, kind, isDirect, isMultiplexed)
{
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(1);

    private static void OnlyHoles(EventStreamsOptions options) => options.TailCheckInterval = Never;

    private static void OnlyTailChecks(EventStreamsOptions options) => options.TailCheckInterval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_lost_message_is_fetched_from_the_log_when_the_next_one_shows_the_hole()
    {
        var replica = await StartReplicaAsync("a", OnlyHoles);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        await PublishSilentlyAsync("2", "3");
        await PublishAsync(replica, "4");
        Assert.Equal(["2", "3", "4"], await stream.TakeAsync(3));
    }

    [Fact]
    public async Task More_lost_messages_than_a_page_holds_are_all_fetched()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                OnlyHoles(options);
                options.PageSize = 4;
            }
        );
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        await PublishSilentlyAsync(Numbers(1, 11));
        await PublishAsync(replica, "2");
        Assert.Equal([.. Numbers(1, 11), "2"], await stream.TakeAsync(12));
    }

    [Fact]
    public async Task A_lost_last_message_is_found_by_the_tail_check()
    {
        var replica = await StartReplicaAsync("a", OnlyTailChecks);
        await using var stream = await replica.OpenAsync(Topic);
        await stream.NextEventAsync();
        await PublishSilentlyAsync("1", "2");
        Assert.Equal(["1", "2"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task A_lost_end_is_found_by_the_tail_check()
    {
        var replica = await StartReplicaAsync("a", OnlyTailChecks);
        await using var stream = await replica.OpenAsync(Topic);
        await stream.NextEventAsync();
        await PublishSilentlyAsync("1");
        await SilentPublisher.EndAsync(Server, KeyPrefix, Topic);
        Assert.Equal(["1", $"{{\"topic\":\"{Topic}\"}}"], await stream.TakeAsync(2));
        Assert.Null(await stream.NextEventAsync());
    }

    [Fact]
    public async Task A_cut_subscription_is_healed()
    {
        var replica = await StartReplicaAsync("a", OnlyTailChecks);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        foreach (var round in Enumerable.Range(0, 3))
        {
            await Server.CutSubscriptionsAsync();
            await PublishAsync(replica, [.. Numbers(round * 10, round * 10 + 9)]);
        }
        Assert.Equal([.. Numbers(0, 9), .. Numbers(10, 19), .. Numbers(20, 29)], await stream.TakeAsync(30));
    }

    [Fact]
    public async Task What_was_lost_before_a_subscription_is_back_is_fetched_without_waiting_for_another_message()
    {
        var replica = await StartReplicaAsync("a", OnlyHoles);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        await PublishSilentlyAsync("2", "3");
        await Server.CutSubscriptionsAsync();
        Assert.Equal(["2", "3"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task Trimmed_events_are_told_once_with_their_range_and_then_it_goes_on()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.MaxLogLength = 10;
                options.SubscriptionLinger = TimeSpan.Zero;
                options.SnapshotUrl = topic => "/snapshots/" + topic;
            }
        );
        var ids = await PublishAsync(replica, Numbers(1, 30));
        await using var stream = await replica.OpenAsync(Topic, ids[4].ToString());
        var gap = await GapAsync(stream);
        Assert.Equal((StreamGap.Trimmed, 6L, 20L, "/snapshots/" + Topic), (gap.Reason, gap.From, gap.To, gap.Snapshot));
        Assert.Equal(Numbers(21, 30), await stream.TakeAsync(10));

        // Cut off right behind the notice, a client does not meet the same gap again.
        await using var cut = await replica.OpenAsync(Topic, ids[4].ToString());
        gap = await GapAsync(cut);
        Assert.Equal(gap.Cursor, cut.LastEventId);
        await using var resumed = await replica.OpenAsync(Topic, gap.Cursor);
        Assert.Equal("n21", (await resumed.NextAfterOpenAsync())!.Data);
    }

    [Fact]
    public async Task A_new_client_of_a_trimmed_topic_is_told_what_it_cannot_have()
    {
        var replica = await StartReplicaAsync("a", options => options.MaxLogLength = 10);
        await PublishAsync(replica, Numbers(1, 30));
        await using var stream = await replica.OpenAsync(Topic);
        var gap = await GapAsync(stream);
        Assert.Equal((StreamGap.Trimmed, 1L, 20L), (gap.Reason, gap.From, gap.To));
        Assert.Equal(Numbers(21, 30), await stream.TakeAsync(10));
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("1")]
    [InlineData("e-")]
    public async Task A_cursor_that_is_no_id_is_told_and_goes_on_from_the_head(string cursor)
    {
        var replica = await StartReplicaAsync("a");
        var ids = await PublishAsync(replica, "1", "2");
        await using var stream = await replica.OpenAsync(Topic, cursor);
        var gap = await GapAsync(stream);
        Assert.Equal((StreamGap.Unknown, ids[1].ToString()), (gap.Reason, gap.Cursor));
        await PublishAsync(replica, "3");
        Assert.Equal(["3"], await stream.TakeAsync(1));
    }

    [Fact]
    public async Task A_cursor_ahead_of_the_log_is_told_and_goes_on_from_the_head()
    {
        var replica = await StartReplicaAsync("a");
        var ids = await PublishAsync(replica, "1", "2");
        await using var stream = await replica.OpenAsync(Topic, $"{ids[0].Epoch}-99-abcd");
        var gap = await GapAsync(stream);
        Assert.Equal((StreamGap.Future, ids[1].ToString()), (gap.Reason, gap.Cursor));
        await PublishAsync(replica, "3");
        Assert.Equal(["3"], await stream.TakeAsync(1));
    }

    [Fact]
    public async Task A_cursor_of_another_life_of_the_log_is_told_and_gets_the_whole_new_life()
    {
        var replica = await StartReplicaAsync("a", options => options.SubscriptionLinger = TimeSpan.Zero);
        var before = await PublishAsync(replica, "1", "2", "3");
        await WipeAsync();
        await PublishAsync(replica, "new 1", "new 2");
        await using var stream = await replica.OpenAsync(Topic, before[2].ToString());
        Assert.Equal(StreamGap.Epoch, (await GapAsync(stream)).Reason);
        Assert.Equal(["new 1", "new 2"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task Live_streams_are_told_when_the_log_is_wiped_under_them()
    {
        var replica = await StartReplicaAsync("a", OnlyTailChecks);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1", "2", "3");
        Assert.Equal(["1", "2", "3"], await stream.TakeAsync(3));
        await WipeAsync();
        Assert.Equal((StreamGap.Epoch, "0-0"), await ReasonAndCursorAsync(stream));
        await PublishAsync(replica, "new 1", "new 2");
        Assert.Equal(["new 1", "new 2"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task Live_streams_are_told_when_a_new_log_follows_at_once()
    {
        var replica = await StartReplicaAsync("a", OnlyHoles);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1", "2", "3");
        Assert.Equal(["1", "2", "3"], await stream.TakeAsync(3));
        await WipeAsync();
        await PublishAsync(replica, "new 1", "new 2");
        Assert.Equal(StreamGap.Epoch, (await GapAsync(stream)).Reason);
        Assert.Equal(["new 1", "new 2"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task A_cursor_of_an_event_that_an_older_copy_of_the_log_replaced_does_not_pass()
    {
        var replica = await StartReplicaAsync("a", options => options.SubscriptionLinger = TimeSpan.Zero);
        var ids = await PublishAsync(replica, Numbers(1, 10));
        await LoseTailAsync(ids, keep: 6);
        var replaced = await PublishAsync(replica, Numbers(107, 112));
        Assert.Equal((ids[9].Epoch, ids[9].Offset), (replaced[3].Epoch, replaced[3].Offset));

        await using var stream = await replica.OpenAsync(Topic, ids[9].ToString());
        Assert.Equal((StreamGap.Epoch, replaced[^1].ToString()), await ReasonAndCursorAsync(stream));
        await using var untouched = await replica.OpenAsync(Topic, ids[5].ToString());
        Assert.Equal(Numbers(107, 112), await untouched.TakeAsync(6));
    }

    [Fact]
    public async Task Live_streams_are_told_when_an_older_copy_of_the_log_takes_over()
    {
        var replica = await StartReplicaAsync("a", OnlyHoles);
        await using var stream = await replica.OpenAsync(Topic);
        var ids = await PublishAsync(replica, Numbers(1, 10));
        Assert.Equal(Numbers(1, 10), await stream.TakeAsync(10));
        await LoseTailAsync(ids, keep: 6);
        await PublishAsync(replica, "n107");
        Assert.Contains((await GapAsync(stream)).Reason, (string[])[StreamGap.Future, StreamGap.Epoch]);
        await PublishAsync(replica, "n108");
        Assert.Equal(["n108"], await stream.TakeAsync(1));
    }

    [Fact]
    public async Task A_resuming_client_that_is_told_of_a_wiped_log_does_not_get_it_from_a_replica_that_has_not_noticed_yet()
    {
        var behind = await StartReplicaAsync("behind", OnlyHoles);
        var level = await StartReplicaAsync("level", OnlyHoles);
        await using var live = await behind.OpenAsync(Topic);
        await PublishAsync(behind, "1", "2");
        Assert.Equal(["1", "2"], await live.TakeAsync(2));
        await PublishSilentlyAsync("3");
        string cursor;
        await using (var ahead = await level.OpenAsync(Topic))
        {
            Assert.Equal(["1", "2", "3"], await ahead.TakeAsync(3));
            cursor = ahead.LastEventId;
        }
        await WipeAsync();
        await using var resumed = await behind.OpenAsync(Topic, cursor);
        Assert.Equal((StreamGap.Epoch, "0-0"), await ReasonAndCursorAsync(resumed));
        await PublishAsync(level, "new");
        Assert.Equal(["new"], await resumed.TakeAsync(1));
    }

    private async Task<(string Reason, string Cursor)> ReasonAndCursorAsync(SseStream stream)
    {
        var gap = await GapAsync(stream);
        return (gap.Reason, gap.Cursor);
    }

    private async Task<StreamGap> GapAsync(SseStream stream)
    {
        var block = await stream.NextAfterOpenAsync();
        Assert.Equal(StreamEventTypes.Gap, block!.Type);
        var gap = JsonSerializer.Deserialize<StreamGap>(block.Data!, JsonSerializerOptions.Web)!;
        Assert.Equal((Topic.Name, gap.Cursor), (gap.Topic, block.Id));
        return gap;
    }

    private Task PublishSilentlyAsync(params string[] payloads) => SilentPublisher.PublishAsync(Server, KeyPrefix, Topic, payloads);

    private async Task WipeAsync()
    {
        using var connection = await Server.ConnectAsync();
        var keys = new TopicKeys(KeyPrefix, Topic);
        await connection.GetDatabase().KeyDeleteAsync([keys.Meta, keys.Log, keys.State]);
    }

    // What a replica of Redis shows that is promoted before the newest events reached it.
    private async Task LoseTailAsync(List<EventId> ids, int keep)
    {
        using var connection = await Server.ConnectAsync();
        var keys = new TopicKeys(KeyPrefix, Topic);
        var database = connection.GetDatabase();
        await database.ListTrimAsync(keys.Log, 0, keep - 1);
        await database.HashSetAsync(
            keys.Meta,
            [
                new HashEntry("offset", keep),
                new HashEntry("check", ids[keep - 1].Check.ToString("x", System.Globalization.CultureInfo.InvariantCulture)),
            ]
        );
    }
}

public sealed class RedisGapTests(RedisServers servers) : GapContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class GarnetGapTests(RedisServers servers) : GapContract(servers, RedisServerKind.Garnet, isDirect: false);

public sealed class RedisMultiplexedGapTests(RedisServers servers)
    : GapContract(servers, RedisServerKind.Redis, isDirect: true, isMultiplexed: true);

public sealed class GarnetMultiplexedGapTests(RedisServers servers)
    : GapContract(servers, RedisServerKind.Garnet, isDirect: false, isMultiplexed: true);
