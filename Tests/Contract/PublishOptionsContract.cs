using System.Text;
using EventStreams;
using EventStreams.Redis;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What a publish may demand of the log, at the edges: large numbers, retried ends, clocks that are wrong.</summary>
public abstract class PublishOptionsContract(RedisServers servers, RedisServerKind kind)
    : EventStreamsContract(servers, kind, isDirect: false)
{
    [Theory]
    [InlineData(638_000_000_000_000_000)]
    [InlineData(999_999_999_999_985)]
    [InlineData(999_999_999_999_999_985)]
    [InlineData(long.MaxValue - 35)]
    public async Task Sequence_numbers_are_exact_however_large(long first)
    {
        var replica = await StartReplicaAsync("a");
        foreach (var step in new[] { 0, 10, 20, 30 })
            Assert.Equal(PublishOutcome.Published, (await PublishAsync(replica, $"{step}", first + step)).Outcome);
        foreach (var step in new[] { 29, 30 })
            Assert.Equal(PublishOutcome.Duplicate, (await PublishAsync(replica, $"{step}", first + step)).Outcome);
        Assert.Equal(PublishOutcome.OutOfOrder, (await PublishAsync(replica, "x", first + 32, inSequence: true)).Outcome);
        Assert.Equal(PublishOutcome.Published, (await PublishAsync(replica, "31", first + 31, inSequence: true)).Outcome);
        Assert.Equal(["0", "10", "20", "30", "31"], await PayloadsAsync(replica));
    }

    [Fact]
    public async Task A_batch_across_a_carry_appends_only_what_is_new()
    {
        var replica = await StartReplicaAsync("a");
        const long First = 999_999_999_999_998;
        var options = new PublishOptions { ProducerId = "p", Sequence = First };
        await replica.Publisher.PublishAsync(Topic, [.. Numbers(1, 4).Select(n => EventMessage.Text("note", n))], options);
        await replica.Publisher.PublishAsync(Topic, [.. Numbers(1, 6).Select(n => EventMessage.Text("note", n))], options);
        Assert.Equal(Numbers(1, 6), await PayloadsAsync(replica));
    }

    [Fact]
    public async Task Fencing_tokens_are_exact_however_large()
    {
        var replica = await StartReplicaAsync("a");
        const long Token = 638_000_000_000_000_050;
        Assert.Equal(PublishOutcome.Published, (await FencedAsync(Token)).Outcome);
        Assert.Equal(PublishOutcome.Fenced, (await FencedAsync(Token - 50)).Outcome);
        Assert.Equal(PublishOutcome.Fenced, (await FencedAsync(Token - 1)).Outcome);
        Assert.Equal(PublishOutcome.Published, (await FencedAsync(Token + 1)).Outcome);
        Assert.Equal(PublishOutcome.Fenced, (await FencedAsync(9)).Outcome);

        ValueTask<PublishResult> FencedAsync(long token) =>
            replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "x"), new PublishOptions { FencingToken = token });
    }

    [Fact]
    public async Task A_retried_end_does_not_end_a_topic_that_was_opened_again()
    {
        var replica = await StartReplicaAsync("a");
        var last = new PublishOptions
        {
            ProducerId = "p",
            Sequence = 1,
            End = true,
        };
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("done", "x"), last);
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "again"), new PublishOptions { Reopen = true });
        Assert.Equal(PublishOutcome.Duplicate, (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("done", "x"), last)).Outcome);
        Assert.Null((await replica.Log.GetPositionAsync(Topic)).End);
        Assert.Equal(["x", "{}", "again"], await PayloadsAsync(replica));
    }

    [Fact]
    public async Task An_end_with_a_number_of_its_own_is_not_carried_out_twice()
    {
        var replica = await StartReplicaAsync("a");
        var numbered = new PublishOptions
        {
            ProducerId = "p",
            Sequence = 2,
            InSequence = true,
        };
        await PublishAsync(replica, "1", 1);
        var end = await replica.Publisher.EndAsync(Topic, numbered);
        Assert.Equal(PublishOutcome.Published, end.Outcome);
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "again"), new PublishOptions { Reopen = true });
        Assert.Equal(new PublishResult(PublishOutcome.Duplicate, end.Id), await replica.Publisher.EndAsync(Topic, numbered));
        Assert.Null((await replica.Log.GetPositionAsync(Topic)).End);
    }

    [Fact]
    public async Task A_publisher_whose_clock_is_ahead_does_not_let_a_live_log_expire()
    {
        static void AnHour(EventStreamsOptions options) => options.LogTimeToLive = TimeSpan.FromHours(1);
        var right = await StartReplicaAsync("right", AnHour);
        await using (
            var ahead = await Replica.StartAsync(
                Server.ConnectionString,
                KeyPrefix,
                "ahead",
                isDirect: false,
                AnHour,
                services => services.AddSingleton<TimeProvider>(new ClockAhead())
            )
        )
            await PublishAsync(ahead, "1");
        using var connection = await Server.ConnectAsync();
        var keys = new TopicKeys(KeyPrefix, Topic);
        foreach (var key in new[] { keys.Log, keys.Meta })
            await connection.GetDatabase().KeyExpireAsync(key, TimeSpan.FromMinutes(1));
        await PublishAsync(right, "2");
        Assert.InRange((await connection.GetDatabase().KeyTimeToLiveAsync(keys.Log))!.Value.TotalHours, 0.99, 1.2);
        Assert.InRange((await connection.GetDatabase().KeyTimeToLiveAsync(keys.Meta))!.Value.TotalHours, 1.99, 2.4);
    }

    [Fact]
    public async Task What_an_earlier_life_of_the_log_left_behind_is_gone_with_the_first_event_of_the_next()
    {
        var replica = await StartReplicaAsync("a");
        foreach (var value in new[] { "1", "2", "3" })
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", value, "key" + value));
        using var connection = await Server.ConnectAsync();
        var keys = new TopicKeys(KeyPrefix, Topic);
        await connection.GetDatabase().KeyDeleteAsync(keys.Meta);
        await PublishAsync(replica, "new");
        Assert.Equal(1, await connection.GetDatabase().ListLengthAsync(keys.Log));
        Assert.Equal(1, (await replica.Log.GetPositionAsync(Topic)).FirstOffset);
        Assert.Empty((await replica.Log.ReadStateAsync(Topic)).Events);
    }

    private async Task<PublishResult> PublishAsync(Replica replica, string payload, long sequence, bool inSequence = false) =>
        await replica.Publisher.PublishAsync(
            Topic,
            EventMessage.Text("note", payload),
            new PublishOptions
            {
                ProducerId = "p",
                Sequence = sequence,
                InSequence = inSequence,
            }
        );

    private async Task<IEnumerable<string>> PayloadsAsync(Replica replica) =>
        (await replica.Log.ReadAsync(Topic, 0, 100)).Events.Select(e => Encoding.UTF8.GetString(e.Payload.Span));

    private sealed class ClockAhead : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMinutes(100);
    }
}

public sealed class RedisPublishOptionsTests(RedisServers servers) : PublishOptionsContract(servers, RedisServerKind.Redis);

public sealed class GarnetPublishOptionsTests(RedisServers servers) : PublishOptionsContract(servers, RedisServerKind.Garnet);
