using System.Diagnostics;
using System.Text.Json;
using EventStreams;
using EventStreams.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>How many follow a topic, over all replicas.</summary>
public abstract class PresenceContract(RedisServers servers, RedisServerKind kind) : AccessContract(servers, kind)
{
    [Fact]
    public async Task Streams_and_subjects_are_counted_over_all_replicas_and_told_to_those_that_asked()
    {
        AccessApp[] replicas = [await StartAsync(), await StartAsync(), await StartAsync()];
        await using var watcher = await SseStream.OpenAsync(replicas[0].Client, $"/streams/{News}?presence=1");
        var plain = await replicas[0].OpenAsAsync(News, "bob");
        await ReachAsync(watcher, 2, 1);
        var alice = await Task.WhenAll(replicas.Select(replica => replica.OpenAsAsync(News, "alice")));
        await ReachAsync(watcher, 5, 2);
        foreach (var replica in replicas)
        {
            var subscribers = await replica.Presence.GetSubscribersAsync(News);
            Assert.Equal(
                (5, "alice,bob", true),
                (subscribers.Streams, string.Join(',', subscribers.Subjects.Order()), subscribers.IsComplete)
            );
        }
        foreach (var stream in alice)
            await stream.DisposeAsync();
        await ReachAsync(watcher, 2, 1);
        // On a stream over several topics too; and one that follows for others is none of them.
        await using var several = await SseStream.OpenAsync(replicas[1].Client, $"/streams?topic=other&topic={News}&presence=1");
        await using var uncounted = await SseStream.OpenAsync(replicas[1].Client, $"/streams/{News}?presence=0");
        await ReachAsync(several, 3, 1);
        await ReachAsync(watcher, 3, 1);
        Assert.Equal(1, (await replicas[2].Presence.GetSubscribersAsync(Topic.Parse("other"))).Streams);
        Assert.Equal(0, (await replicas[2].Presence.GetSubscribersAsync(Topic.Parse("nobodys"))).Streams);

        // Nobody else is told, and it is no event of the topic.
        await replicas[1].Publisher.PublishAsync(News, EventMessage.Text("note", "1"));
        Assert.Equal("note", (await plain.NextAfterOpenAsync())?.Type);
        Assert.Equal(["1"], await watcher.TakeAsync(1));
        await plain.DisposeAsync();
    }

    [Fact]
    public async Task However_often_it_changes_it_is_told_once_a_second_at_most()
    {
        var replica = await StartAsync();
        await using var watcher = await SseStream.OpenAsync(replica.Client, $"/streams/{News}?presence=1");
        await ReachAsync(watcher, 1, 0);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2.5))
        {
            await using var stream = await replica.OpenAsAsync(News, "alice");
            await stream.NextEventAsync();
        }
        await using var last = await replica.OpenAsAsync(News, "bob");
        var told = await ReachAsync(watcher, 2, 1);
        Assert.InRange(told, 1, 1 + (int)Math.Ceiling(Stopwatch.GetElapsedTime(started).TotalSeconds));
    }

    [Fact]
    public async Task What_redis_lost_is_told_again()
    {
        var replica = await StartAsync();
        await using var stream = await replica.OpenAsAsync(News, "alice");
        await Eventually.HoldsAsync(async () => (await replica.Presence.GetSubscribersAsync(News)).Streams == 1, "the stream is counted");
        using var connection = await Server.ConnectAsync();
        var keys = new CommonKeys(KeyPrefix);
        foreach (var name in await connection.GetDatabase().SortedSetRangeByRankAsync(keys.Replicas))
            await connection.GetDatabase().KeyDeleteAsync([keys.Share(name!), keys.Replicas]);
        Assert.Equal(0, (await replica.Presence.GetSubscribersAsync(News)).Streams);
        await Eventually.HoldsAsync(
            async () => (await replica.Presence.GetSubscribersAsync(News)).Streams == 1,
            "the stream is counted again"
        );
    }

    [Fact]
    public async Task A_stream_that_begins_with_the_state_is_told_too_and_resumes_in_the_middle_of_the_state()
    {
        AccessApp[] replicas = [await StartAsync(configure: options => options.PageSize = 10), await StartAsync()];
        await replicas[0].Publisher.PublishAsync(News, [.. Enumerable.Range(0, 40).Select(n => EventMessage.Text("set", $"{n}", $"k{n}"))]);
        var address = $"/streams/{News}?from=state&presence=1";
        var values = new List<string>();
        string cursor;
        await using (var cut = await SseStream.OpenAsync(replicas[0].Client, address))
        {
            Assert.Equal(StreamEventTypes.Open, (await cut.NextEventAsync())?.Type);
            Assert.False(TakeState((await NextStateAsync(cut))!, values));
            cursor = cut.LastEventId;
        }
        await using var watcher = await SseStream.OpenAsync(replicas[1].Client, address, cursor);
        var isComplete = false;
        while (!isComplete)
            isComplete = TakeState((await NextStateAsync(watcher))!, values);
        Assert.Equal(Enumerable.Range(0, 40).Select(n => $"{n}"), values);
        // Whatever was told in between has moved no cursor.
        var behindState = watcher.LastEventId;
        await using var other = await replicas[0].OpenAsAsync(News, "alice");
        await ReachAsync(watcher, 2, 1);
        Assert.Equal(behindState, watcher.LastEventId);
        await replicas[0].Publisher.PublishAsync(News, EventMessage.Text("set", "live", "k0"));
        Assert.Equal("live", (await watcher.NextAfterOpenAsync())?.Data);

        static async Task<SseBlock?> NextStateAsync(SseStream stream)
        {
            SseBlock? block;
            do block = await stream.NextAfterOpenAsync();
            while (block?.Type == StreamEventTypes.Presence);
            Assert.Equal(StreamEventTypes.State, block?.Type);
            return block;
        }

        static bool TakeState(SseBlock block, List<string> values)
        {
            var state = JsonDocument.Parse(block.Data!).RootElement;
            values.AddRange(state.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("data").GetString()!));
            return state.GetProperty("last").GetBoolean();
        }
    }

    /// <summary>Reads until so many streams and subjects are told; how many notices that took.</summary>
    private protected static async Task<int> ReachAsync(SseStream watcher, int streams, int subjects)
    {
        for (var told = 1; ; told++)
        {
            SseBlock? block;
            do block = await watcher.NextAfterOpenAsync() ?? throw new InvalidOperationException("The stream has ended.");
            while (block.Type != StreamEventTypes.Presence);
            Assert.Null(block.Id);
            var data = JsonDocument.Parse(block.Data!).RootElement;
            if (
                data.GetProperty("topic").GetString() == News.Name
                && (data.GetProperty("streams").GetInt32(), data.GetProperty("subjects").GetInt32()) == (streams, subjects)
            )
                return told;
        }
    }
}

public sealed class RedisPresenceTests(RedisServers servers) : PresenceContract(servers, RedisServerKind.Redis)
{
    [Fact]
    public async Task A_change_that_was_told_while_a_replica_could_not_hear_it_is_heard_of()
    {
        await using var link = new RedisLink(Server);
        var replica = await StartAsync(connectionString: link.ConnectionString);
        var other = await StartAsync();
        await using var watcher = await SseStream.OpenAsync(replica.Client, $"/streams/{News}?presence=1");
        await ReachAsync(watcher, 1, 0);
        link.Cut();
        await using var stream = await other.OpenAsAsync(News, "alice");
        await Eventually.HoldsAsync(
            async () => (await other.Presence.GetSubscribersAsync(News)).Streams == 2,
            "the change is in Redis, and its message is gone"
        );
        link.Mend();
        await ReachAsync(watcher, 2, 1);
    }

    [Fact]
    public async Task What_Redis_has_lost_is_told_again_and_nothing_of_it_outlives_its_replica()
    {
        var replica = await StartAsync();
        var other = await StartAsync();
        await using var stream = await replica.OpenAsAsync(News, "alice");
        await Eventually.HoldsAsync(async () => (await other.Presence.GetSubscribersAsync(News)).Streams == 1, "the stream is counted");
        await using var connection = await Server.ConnectAsync();
        var (database, keys) = (connection.GetDatabase(), new CommonKeys(KeyPrefix));
        var shares = (await database.SortedSetRangeByRankAsync(keys.Replicas)).Select(name => keys.Share(name!)).ToArray();
        foreach (var share in shares)
            Assert.InRange(await database.KeyTimeToLiveAsync(share) ?? TimeSpan.MaxValue, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        // What a replica tells first it tells twice, as Redis may not have known it; from then on only what changes.
        for (var i = 0; i < 3; i++)
        {
            var before = await TimesAsync();
            await Eventually.HoldsAsync(
                async () => (await TimesAsync()).Zip(before).All(t => t.First > t.Second),
                "all have told that they live"
            );
        }
        await database.KeyDeleteAsync([.. shares, keys.Replicas]);
        await Eventually.HoldsAsync(
            async () => (await other.Presence.GetSubscribersAsync(News)).Streams == 1,
            "the stream is counted again"
        );

        async Task<double[]> TimesAsync() =>
            [.. (await database.SortedSetRangeByRankWithScoresAsync(keys.Replicas)).OrderBy(e => e.Element).Select(e => e.Score)];
    }

    [Fact]
    public async Task A_replica_that_stops_takes_its_share_with_it()
    {
        var replica = await StartAsync();
        var other = await StartAsync();
        await using var stream = await replica.OpenAsAsync(News, "alice");
        await Eventually.HoldsAsync(async () => (await other.Presence.GetSubscribersAsync(News)).Streams == 1, "the stream is counted");
        await using var connection = await Server.ConnectAsync();
        var (database, keys) = (connection.GetDatabase(), new CommonKeys(KeyPrefix));
        await Eventually.HoldsAsync(async () => await database.SortedSetLengthAsync(keys.Replicas) == 2, "both have told that they live");
        await replica.StopAsync();
        Assert.Equal(1, await database.SortedSetLengthAsync(keys.Replicas));
        Assert.Equal(0, (await other.Presence.GetSubscribersAsync(News)).Streams);
    }

    [Fact]
    public async Task The_share_of_a_replica_that_is_gone_without_a_word_is_gone_within_15_seconds()
    {
        var link = new RedisLink(Server);
        var replica = await StartAsync();
        var dying = await StartAsync(connectionString: link.ConnectionString);
        await using var watcher = await SseStream.OpenAsync(replica.Client, $"/streams/{News}?presence=1");
        await using var stream = await dying.OpenAsAsync(News, "alice");
        await ReachAsync(watcher, 2, 1);
        var started = Stopwatch.GetTimestamp();
        // As a killed one, it says nothing any more.
        await link.DisposeAsync();
        await ReachAsync(watcher, 1, 0);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Equal(1, (await replica.Presence.GetSubscribersAsync(News)).Streams);
    }
}

public sealed class GarnetPresenceTests(RedisServers servers) : PresenceContract(servers, RedisServerKind.Garnet);
