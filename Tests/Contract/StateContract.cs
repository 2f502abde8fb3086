using System.Text;
using EventStreams;
using EventStreams.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The state of a topic: removed keys, pages, and the place from which the log goes on.</summary>
public abstract class StateContract(RedisServers servers, RedisServerKind kind) : EventStreamsContract(servers, kind, isDirect: false)
{
    [Fact]
    public async Task A_tombstone_removes_its_key_and_is_an_event_like_any_other()
    {
        var replica = await StartReplicaAsync("a");
        await SetAsync(replica, "a", "1");
        await SetAsync(replica, "b", "2");
        await replica.Publisher.PublishAsync(Topic, EventMessage.Tombstone("removed", "a", "a"));
        Assert.Equal([("b", "2")], Texts(await replica.Log.ReadStateAsync(Topic)));
        Assert.Equal(["set", "set", "removed"], (await replica.Log.ReadAsync(Topic, 0, 10)).Events.Select(e => e.Type));
        // Nothing of it is left in Redis.
        using var connection = await Server.ConnectAsync();
        var (database, keys) = (connection.GetDatabase(), new TopicKeys(KeyPrefix, Topic));
        Assert.Equal((1, 1), (await database.HashLengthAsync(keys.State), await database.SortedSetLengthAsync(keys.StateOrder)));
        await SetAsync(replica, "a", "3");
        Assert.Equal([("b", "2"), ("a", "3")], Texts(await replica.Log.ReadStateAsync(Topic)));
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("removed", "x") with { IsTombstone = true })
        );
    }

    [Fact]
    public async Task Pages_together_are_the_state_bounded_in_keys_and_bytes()
    {
        var replica = await StartReplicaAsync("a", options => options.PageBytes = 10_000);
        await replica.Publisher.PublishAsync(
            Topic,
            [.. Enumerable.Range(0, 200).Select(n => EventMessage.Text("set", new string('x', 1000), $"k{n % 50}"))]
        );
        await SetAsync(replica, "large", new string('y', 20_000));
        var whole = await replica.Log.ReadStateAsync(Topic);
        Assert.Equal((51, true, null), (whole.Events.Count, whole.IsFirst, whole.Next));
        var pages = await ReadPagesAsync(replica, limit: 1000);
        Assert.Equal([9, 9, 9, 9, 9, 5, 1], pages.Select(page => page.Events.Count));
        Assert.Equal(whole.Events.Select(e => (e.Key, e.Id)), pages.SelectMany(page => page.Events).Select(e => (e.Key, e.Id)));
        Assert.Equal([true, false, false, false, false, false, false], pages.Select(page => page.IsFirst));
        Assert.All(pages, page => Assert.Equal(whole.AsOf, page.AsOf));
        Assert.Equal([7, 7, 7, 7, 7, 7, 7, 1, 1], (await ReadPagesAsync(replica, limit: 7)).Select(page => page.Events.Count));
    }

    [Fact]
    public async Task What_changes_between_two_pages_comes_after_the_place_that_the_state_is_of()
    {
        var replica = await StartReplicaAsync("a");
        for (var i = 0; i < 10; i++)
            await SetAsync(replica, $"k{i}", "old");
        var first = await replica.Log.ReadStateAsync(Topic, null, 4);
        await SetAsync(replica, "k1", "new");
        await SetAsync(replica, "k8", "new");
        await replica.Publisher.PublishAsync(Topic, EventMessage.Tombstone("removed", "k2", "k2"));
        await replica.Publisher.PublishAsync(Topic, EventMessage.Tombstone("removed", "k9", "k9"));
        var second = await replica.Log.ReadStateAsync(Topic, first.Next, 100);
        Assert.Null(second.Next);
        Assert.Equal(["k4", "k5", "k6", "k7"], second.Events.Select(e => e.Key));
        Assert.Equal((first.AsOf, 14), (second.AsOf, second.Position.Tail?.Offset));

        var state = first.Events.Concat(second.Events).ToDictionary(e => e.Key!, e => Encoding.UTF8.GetString(e.Payload.Span));
        var later = await replica.Log.ReadAsync(Topic, first.AsOf!.Value.Offset, 100);
        Assert.Equal(first.AsOf, later.Before);
        Assert.Equal(["set", "set", "removed", "removed"], later.Events.Select(e => e.Type));
        (state["k1"], state["k8"]) = ("new", "new");
        Assert.True(state.Remove("k2"));
        state.Remove("k9");
        Assert.Equal(Texts(await replica.Log.ReadStateAsync(Topic)).Order(), state.Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public async Task The_state_of_a_log_that_was_wiped_begins_anew()
    {
        var replica = await StartReplicaAsync("a");
        for (var i = 0; i < 10; i++)
            await SetAsync(replica, $"k{i}", "old");
        var first = await replica.Log.ReadStateAsync(Topic, null, 4);
        using var connection = await Server.ConnectAsync();
        await connection.GetDatabase().KeyDeleteAsync(new TopicKeys(KeyPrefix, Topic).Meta);
        Assert.Equal((true, null, 0), await ReadNextAsync());
        await SetAsync(replica, "k", "new");
        Assert.Equal((true, 1, 1), await ReadNextAsync());

        async Task<(bool IsFirst, long? AsOf, int Count)> ReadNextAsync()
        {
            var page = await replica.Log.ReadStateAsync(Topic, first.Next, 100);
            return (page.IsFirst, page.AsOf?.Offset, page.Events.Count);
        }
    }

    [Fact]
    public async Task The_state_of_an_ended_topic_is_of_the_place_before_its_end()
    {
        var replica = await StartReplicaAsync("a");
        await SetAsync(replica, "k", "1");
        var end = await replica.Publisher.EndAsync(Topic);
        var state = await replica.Log.ReadStateAsync(Topic);
        Assert.Equal((1, end.Id), (state.AsOf?.Offset, state.Position.End));
    }

    [Fact]
    public async Task Events_before_a_place_are_read_newest_first_in_pages()
    {
        var replica = await StartReplicaAsync("a", options => options.MaxLogLength = 20);
        await PublishAsync(replica, Numbers(1, 30));
        Assert.Equal(Offsets(25, 29), (await replica.Log.ReadBeforeAsync(Topic, 30, 5)).Events.Select(e => e.Id.Offset));
        var oldest = await replica.Log.ReadBeforeAsync(Topic, 15, 100);
        Assert.Equal(Offsets(11, 14), oldest.Events.Select(e => e.Id.Offset));
        Assert.Equal(10, oldest.Before?.Offset);
        Assert.Equal(Offsets(26, 30), (await replica.Log.ReadBeforeAsync(Topic, 1000, 5)).Events.Select(e => e.Id.Offset));
        Assert.Empty((await replica.Log.ReadBeforeAsync(Topic, 11, 5)).Events);
        Assert.Empty((await replica.Log.ReadBeforeAsync(Topic, 1, 5)).Events);
    }

    private static long[] Offsets(int from, int to) => [.. Enumerable.Range(from, to - from + 1).Select(n => (long)n)];

    private static IEnumerable<(string, string)> Texts(StatePage state) =>
        state.Events.Select(e => (e.Key!, Encoding.UTF8.GetString(e.Payload.Span)));

    private async Task SetAsync(Replica replica, string key, string value) =>
        Assert.Equal(PublishOutcome.Published, (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("set", value, key))).Outcome);

    private async Task<List<StatePage>> ReadPagesAsync(Replica replica, int limit)
    {
        var pages = new List<StatePage> { await replica.Log.ReadStateAsync(Topic, null, limit) };
        while (pages[^1].Next is { } next)
            pages.Add(await replica.Log.ReadStateAsync(Topic, next, limit));
        return pages;
    }
}

public sealed class RedisStateTests(RedisServers servers) : StateContract(servers, RedisServerKind.Redis);

public sealed class GarnetStateTests(RedisServers servers) : StateContract(servers, RedisServerKind.Garnet);
