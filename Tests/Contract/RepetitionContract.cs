using System.Globalization;
using System.Text.Json;
using EventStreams;
using EventStreams.Redis;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>
/// Publishes whose answer was lost together with the log: the producer repeats them, the new log cannot know them, and yet nobody may see
/// them twice, and everybody must see them who has not.
/// </summary>
public abstract class RepetitionContract(RedisServers servers, RedisServerKind kind, bool isDirect, bool isMultiplexed = false)
    : EventStreamsContract(servers, kind, isDirect, isMultiplexed)
{
    private static void Seldom(EventStreamsOptions options) => options.TailCheckInterval = TimeSpan.FromMinutes(1);

    private static void Often(EventStreamsOptions options) => options.TailCheckInterval = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_live_stream_does_not_get_an_event_of_the_lost_log_again()
    {
        var replica = await StartReplicaAsync("a", Seldom);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "p", 1, 3);
        Assert.Equal(["p1", "p2", "p3"], await stream.TakeAsync(3));
        await WipeAsync();
        await PublishAsync(replica, "p", 3, 4);
        await AssertGapAsync(stream, StreamGap.Epoch);
        Assert.Equal(["p4"], await stream.TakeAsync(1));
        await using var late = await replica.OpenAsync(Topic);
        Assert.Equal(["p3", "p4"], await late.TakeAsync(2));
    }

    [Fact]
    public async Task Events_of_several_producers_are_known_again_whatever_comes_between()
    {
        var replica = await StartReplicaAsync("a", Often);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "p", 1, 2);
        await PublishAsync(replica, "q", 1, 1);
        Assert.Equal(["p1", "p2", "q1"], await stream.TakeAsync(3));
        await WipeAsync();
        await AssertGapAsync(stream, StreamGap.Epoch);
        await PublishAsync(replica, "r", 1, 1);
        await PublishAsync(replica, "p", 2, 3);
        await PublishAsync(replica, "q", 1, 2);
        Assert.Equal(["r1", "p3", "q2"], await stream.TakeAsync(3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_resumes_on_a_replica_that_never_saw_the_lost_log_does_not_get_it_again(bool hadBeenTold)
    {
        var a = await StartReplicaAsync("a", Often);
        var b = await StartReplicaAsync("b", Often);
        var stream = await a.OpenAsync(Topic);
        await PublishAsync(a, "p", 1, 3);
        Assert.Equal(["p1", "p2", "p3"], await stream.TakeAsync(3));
        if (!hadBeenTold)
            await stream.DisposeAsync();
        await WipeAsync();
        if (hadBeenTold)
        {
            await AssertGapAsync(stream, StreamGap.Epoch);
            await stream.DisposeAsync();
            // Passed on from stream to stream, each cut off before it got anything but its opening.
            await using var opened = await b.OpenAsync(Topic, stream.LastEventId);
            await opened.NextEventAsync();
            Assert.Equal(stream.LastEventId, opened.LastEventId);
        }
        await PublishAsync(a, "p", 3, 4);

        await using var resumed = await b.OpenAsync(Topic, stream.LastEventId);
        if (!hadBeenTold)
            await AssertGapAsync(resumed, StreamGap.Epoch);
        Assert.Equal(["p4"], await resumed.TakeAsync(1));
    }

    [Fact]
    public async Task A_stream_that_had_not_seen_it_gets_it()
    {
        var replica = await StartReplicaAsync("a", Seldom);
        await using var stream = await replica.OpenAsync(Topic);
        var ids = await PublishAsync(replica, "p", 1, 3);
        Assert.Equal(["p1", "p2", "p3"], await stream.TakeAsync(3));
        await WipeAsync();
        await PublishAsync(replica, "p", 3, 4);
        // Until the replica knows of the loss, its ring still has the event and gives it, without a gap.
        await AssertGapAsync(stream, StreamGap.Epoch);
        await using var resumed = await replica.OpenAsync(Topic, ids[1].ToString());
        await AssertGapAsync(resumed, StreamGap.Epoch);
        Assert.Equal(["p3", "p4"], await resumed.TakeAsync(2));
    }

    [Fact]
    public async Task An_event_that_an_older_copy_of_the_log_lacks_is_not_seen_again()
    {
        var replica = await StartReplicaAsync("a", Often);
        await using var stream = await replica.OpenAsync(Topic);
        var ids = await PublishAsync(replica, "p", 1, 5);
        Assert.Equal(["p1", "p2", "p3", "p4", "p5"], await stream.TakeAsync(5));
        await LoseAsync("p", ids, keep: 3);
        await AssertGapAsync(stream, StreamGap.Future);
        await PublishAsync(replica, "p", 5, 6);
        Assert.Equal(["p6"], await stream.TakeAsync(1));
    }

    [Fact]
    public async Task A_producer_that_begins_again_at_one_with_other_events_reaches_everybody()
    {
        var replica = await StartReplicaAsync("a", Seldom);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "p", 1, 3);
        Assert.Equal(["p1", "p2", "p3"], await stream.TakeAsync(3));
        await WipeAsync();
        for (var number = 1; number <= 3; number++)
            await replica.Publisher.PublishAsync(
                Topic,
                EventMessage.Text("note", $"other{number}"),
                new PublishOptions { ProducerId = "p", Sequence = number }
            );
        await AssertGapAsync(stream, StreamGap.Epoch);
        Assert.Equal(["other1", "other2", "other3"], await stream.TakeAsync(3));
        await using var resumed = await replica.OpenAsync(Topic, "abc-2-1");
        await AssertGapAsync(resumed, StreamGap.Epoch);
        Assert.Equal(["other1", "other2", "other3"], await resumed.TakeAsync(3));
    }

    private static async Task AssertGapAsync(SseStream stream, string reason)
    {
        var block = await stream.NextAfterOpenAsync();
        Assert.Equal(StreamEventTypes.Gap, block!.Type);
        Assert.Equal(reason, JsonSerializer.Deserialize<StreamGap>(block.Data!, JsonSerializerOptions.Web)!.Reason);
    }

    private async Task<List<EventId>> PublishAsync(Replica replica, string producer, int from, int to)
    {
        var ids = new List<EventId>();
        for (var number = from; number <= to; number++)
        {
            var result = await replica.Publisher.PublishAsync(
                Topic,
                EventMessage.Text("note", $"{producer}{number}"),
                new PublishOptions { ProducerId = producer, Sequence = number }
            );
            Assert.Equal(PublishOutcome.Published, result.Outcome);
            ids.Add(result.Id);
        }
        return ids;
    }

    private async Task WipeAsync()
    {
        using var connection = await Server.ConnectAsync();
        var keys = new TopicKeys(KeyPrefix, Topic);
        await connection.GetDatabase().KeyDeleteAsync([keys.Meta, keys.Log, keys.State]);
    }

    private async Task LoseAsync(string producer, List<EventId> ids, int keep)
    {
        using var connection = await Server.ConnectAsync();
        var keys = new TopicKeys(KeyPrefix, Topic);
        var database = connection.GetDatabase();
        var last = ids[keep - 1];
        var check = last.Check.ToString("x", CultureInfo.InvariantCulture);
        await database.StringSetAsync(keys.Producer(producer), $"{last.Epoch} {keep} {last.Offset} {check}");
        await database.ListTrimAsync(keys.Log, 0, keep - 1);
        await database.HashSetAsync(keys.Meta, [new HashEntry("offset", keep), new HashEntry("check", check)]);
    }
}

public sealed class RedisRepetitionTests(RedisServers servers) : RepetitionContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class GarnetRepetitionTests(RedisServers servers) : RepetitionContract(servers, RedisServerKind.Garnet, isDirect: false);

public sealed class RedisMultiplexedRepetitionTests(RedisServers servers)
    : RepetitionContract(servers, RedisServerKind.Redis, isDirect: true, isMultiplexed: true);

public sealed class GarnetMultiplexedRepetitionTests(RedisServers servers)
    : RepetitionContract(servers, RedisServerKind.Garnet, isDirect: false, isMultiplexed: true);
