using System.Text;
using EventStreams;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The log: offsets, epochs, idempotence, fencing, end, trimming, state.</summary>
public abstract partial class EventLogContract(RedisServers servers, RedisServerKind kind)
    : EventStreamsContract(servers, kind, isDirect: false)
{
    [Fact]
    public async Task Offsets_are_contiguous_while_many_publish()
    {
        var a = await StartReplicaAsync("a");
        var b = await StartReplicaAsync("b");
        const int Each = 100;
        var tasks = new[] { a, b, a, b }.Select(r =>
            Task.Run(async () =>
            {
                for (var i = 0; i < Each; i++)
                    await PublishAsync(r, $"x{i}");
            })
        );
        await Task.WhenAll(tasks);

        var page = await a.Log.ReadAsync(Topic, 0, 1000);
        Assert.Equal(Enumerable.Range(1, 4 * Each).Select(n => (long)n), page.Events.Select(e => e.Id.Offset));
        Assert.Single(page.Events.Select(e => e.Id.Epoch).Distinct());
        Assert.Equal(4 * Each, page.Position.Tail?.Offset);
        Assert.Equal(1, page.Position.FirstOffset);
    }

    [Fact]
    public async Task An_event_comes_back_as_it_was_published()
    {
        var replica = await StartReplicaAsync("a");
        var payload = "line 1\r\nline 2\n\0 – ünïcode 😀";
        var result = await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note.v1", payload));
        var e = Assert.Single((await replica.Log.ReadAsync(Topic, 0, 10)).Events);
        Assert.Equal(result.Id, e.Id);
        Assert.NotEqual(0u, e.Id.Check);
        Assert.Equal("note.v1", e.Type);
        Assert.Equal(payload, Encoding.UTF8.GetString(e.Payload.Span));
        Assert.InRange(e.PublishedAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task A_topic_without_events_has_no_position()
    {
        var replica = await StartReplicaAsync("a");
        var page = await replica.Log.ReadAsync(Topic, 0, 10);
        Assert.Null(page.Position.Tail);
        Assert.Empty(page.Events);
        Assert.Empty((await replica.Log.ReadStateAsync(Topic)).Events);
    }

    [Fact]
    public async Task A_batch_is_contiguous_and_in_order()
    {
        var replica = await StartReplicaAsync("a");
        var messages = Numbers(1, 350).Select(n => EventMessage.Text("note", n)).ToList();
        var results = await Task.WhenAll(
            replica.Publisher.PublishAsync(Topic, messages).AsTask(),
            replica.Publisher.PublishAsync(Topic, [.. Numbers(1, 50).Select(n => EventMessage.Text("other", n))]).AsTask()
        );
        Assert.All(results.SelectMany(r => r), r => Assert.Equal(PublishOutcome.Published, r.Outcome));
        Assert.Equal([350, 50], results.Select(r => r.Count));
        var events = (await replica.Log.ReadAsync(Topic, 0, 1000)).Events;
        Assert.Equal(Numbers(1, 350), events.Where(e => e.Type == "note").Select(e => Encoding.UTF8.GetString(e.Payload.Span)));
        Assert.Equal(results[0].Select(r => r.Id), events.Where(e => e.Type == "note").Select(e => e.Id));
        Assert.Equal(400, events.Count);
    }

    [Fact]
    public async Task A_log_is_trimmed_to_its_length_and_still_proves_its_oldest_cursor()
    {
        var replica = await StartReplicaAsync("a", options => options.MaxLogLength = 10);
        var ids = await PublishAsync(replica, Numbers(1, 25));
        var page = await replica.Log.ReadAsync(Topic, 0, 100);
        Assert.Equal(16, page.Position.FirstOffset);
        Assert.Equal(Enumerable.Range(16, 10).Select(n => (long)n), page.Events.Select(e => e.Id.Offset));
        Assert.Null(page.Before);
        Assert.Equal(ids[14], (await replica.Log.ReadAsync(Topic, 15, 1)).Before);
        Assert.Equal(ids[19], (await replica.Log.ReadAsync(Topic, 20, 1)).Before);
        Assert.Equal(ids[24], (await replica.Log.ReadAsync(Topic, 25, 1)).Before);
        Assert.Equal([24L, 25L], (await replica.Log.ReadTailAsync(Topic, 2)).Events.Select(e => e.Id.Offset));
    }

    [Fact]
    public async Task The_state_holds_the_newest_event_of_every_key_whatever_was_trimmed()
    {
        var replica = await StartReplicaAsync("a", options => options.MaxLogLength = 2);
        foreach (var (key, value) in new[] { ("c1", "a"), ("c2", "b"), ("c1", "c"), ("c3", "d"), ("c2", "e") })
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("cue", value, key));
        await PublishAsync(replica, Numbers(1, 5));
        var state = await replica.Log.ReadStateAsync(Topic);
        Assert.Equal(["c", "d", "e"], state.Events.Select(e => Encoding.UTF8.GetString(e.Payload.Span)));
        Assert.Equal(10, state.Position.Tail?.Offset);
    }

    [Fact]
    public async Task A_wiped_log_begins_another_epoch_and_forgets_its_producers()
    {
        var replica = await StartReplicaAsync("a");
        var options = new PublishOptions { ProducerId = "p", Sequence = 5 };
        var before = await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "1"), options);
        using (var connection = await Server.ConnectAsync())
            await connection.GetDatabase().KeyDeleteAsync($"{KeyPrefix}:{{{Topic}}}:meta");
        var after = await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "1"), options);
        Assert.Equal(PublishOutcome.Published, after.Outcome);
        Assert.Equal(1, after.Id.Offset);
        Assert.NotEqual(before.Id.Epoch, after.Id.Epoch);
        Assert.Single((await replica.Log.ReadAsync(Topic, 0, 10)).Events);
    }

    [Fact]
    public async Task Publishes_that_are_not_awaited_keep_their_order_whatever_they_demand()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, "n0");
        var publishing = Enumerable
            .Range(1, 400)
            .Select(n =>
                replica
                    .Publisher.PublishAsync(
                        Topic,
                        EventMessage.Text("note", $"n{n}"),
                        n % 50 == 0 ? new PublishOptions { ProducerId = "p", Sequence = n } : null
                    )
                    .AsTask()
            )
            .ToList();
        var results = await Task.WhenAll(publishing);
        Assert.Equal(Enumerable.Range(2, 400).Select(offset => (long)offset), results.Select(result => result.Id.Offset));
        var page = await replica.Log.ReadAsync(Topic, 1, 500);
        Assert.Equal(Numbers(1, 400), page.Events.Select(e => Encoding.UTF8.GetString(e.Payload.Span)));
        Assert.Equal(results.Select(result => result.Id), page.Events.Select(e => e.Id));
    }

    [Fact]
    public async Task Topics_that_are_read_at_the_same_time_are_answered_each_for_itself()
    {
        var replica = await StartReplicaAsync("a", options => options.PageBytes = 20_000);
        // Large ones, so that not all of them go into one answer, and a damaged one among them.
        var topics = Enumerable.Range(0, 100).Select(i => Topic.Parse($"{Topic}-{i}")).ToList();
        await Task.WhenAll(
            topics.Select(
                (topic, i) => replica.Publisher.PublishAsync(topic, EventMessage.Text("note", $"{i}:" + new string('x', 3000))).AsTask()
            )
        );
        using var connection = await Server.ConnectAsync();
        await connection.GetDatabase().KeyDeleteAsync($"{KeyPrefix}:{{{topics[50]}}}:log");
        await connection.GetDatabase().StringSetAsync($"{KeyPrefix}:{{{topics[50]}}}:log", "no list");
        var reads = topics.Select(topic => replica.Log.ReadAsync(topic, 0, 10).AsTask()).ToList();
        for (var i = 0; i < topics.Count; i++)
        {
            if (i == 50)
                await Assert.ThrowsAsync<EventStreamUnavailableException>(() => reads[50]);
            else
                Assert.StartsWith($"{i}:", Encoding.UTF8.GetString((await reads[i]).Events.Single().Payload.Span));
        }
    }

    [Fact]
    public async Task Every_key_of_a_topic_expires()
    {
        var replica = await StartReplicaAsync("a", options => options.LogTimeToLive = TimeSpan.FromHours(1));
        await replica.Publisher.PublishAsync(
            Topic,
            EventMessage.Text("cue", "x", "k"),
            new PublishOptions { ProducerId = "p", Sequence = 1 }
        );
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("cue", "y", "k2"));
        using var connection = await Server.ConnectAsync();
        var database = connection.GetDatabase();
        foreach (var (suffix, least) in new[] { ("meta", 2.0), ("log", 1.0), ("state", 2.0), ("p:p", 23.9) })
            Assert.InRange(
                (await database.KeyTimeToLiveAsync($"{KeyPrefix}:{{{Topic}}}:{suffix}"))!.Value.TotalHours,
                least - 0.01,
                least * 1.2
            );
    }

    [Fact]
    public async Task A_log_that_has_expired_before_its_position_still_counts_on()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, "1", "2");
        using (var connection = await Server.ConnectAsync())
            await connection.GetDatabase().KeyDeleteAsync($"{KeyPrefix}:{{{Topic}}}:log");
        Assert.Equal(3, (await replica.Log.GetPositionAsync(Topic)).FirstOffset);
        var ids = await PublishAsync(replica, "3");
        Assert.Equal(3, ids[0].Offset);
        Assert.Equal(ids, (await replica.Log.ReadTailAsync(Topic, 5)).Events.Select(e => e.Id));
    }

    [Fact]
    public async Task A_page_has_so_many_bytes_at_the_most_and_at_least_one_event()
    {
        var replica = await StartReplicaAsync("a", options => options.PageBytes = 10_000);
        await PublishAsync(replica, [.. Enumerable.Repeat(new string('x', 1000), 30)]);
        await PublishAsync(replica, new string('y', 20_000), new string('y', 20_000));
        var forward = await replica.Log.ReadAsync(Topic, 5, 100);
        Assert.Equal(Enumerable.Range(6, 9).Select(n => (long)n), forward.Events.Select(e => e.Id.Offset));
        Assert.Equal(32, forward.Position.Tail?.Offset);
        Assert.Equal([31L], (await replica.Log.ReadAsync(Topic, 30, 100)).Events.Select(e => e.Id.Offset));
        var newest = await replica.Log.ReadTailAsync(Topic, 100);
        Assert.Equal([32L], newest.Events.Select(e => e.Id.Offset));
        Assert.Equal(31, newest.Before?.Offset);
        await PublishAsync(replica, [.. Enumerable.Repeat(new string('x', 1000), 20)]);
        Assert.Equal(
            Enumerable.Range(44, 9).Select(n => (long)n),
            (await replica.Log.ReadTailAsync(Topic, 100)).Events.Select(e => e.Id.Offset)
        );
        Assert.Equal([51L, 52L], (await replica.Log.ReadTailAsync(Topic, 2)).Events.Select(e => e.Id.Offset));
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a\nb")]
    [InlineData("stream.end")]
    public async Task An_invalid_type_is_refused(string type)
    {
        var replica = await StartReplicaAsync("a");
        await Assert.ThrowsAsync<ArgumentException>(async () => await replica.Publisher.PublishAsync(Topic, EventMessage.Text(type, "x")));
    }

    [Fact]
    public async Task An_oversized_payload_is_refused()
    {
        var replica = await StartReplicaAsync("a", options => options.MaxPayloadBytes = 100);
        await PublishAsync(replica, new string('x', 100));
        await Assert.ThrowsAsync<ArgumentException>(() => PublishAsync(replica, new string('x', 101)));
    }
}

public sealed class RedisEventLogTests(RedisServers servers) : EventLogContract(servers, RedisServerKind.Redis);

public sealed class GarnetEventLogTests(RedisServers servers) : EventLogContract(servers, RedisServerKind.Garnet);
