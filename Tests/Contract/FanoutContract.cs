using System.Net;
using System.Text.Json;
using EventStreams;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What clients see, on several replicas: everything after their cursor, once and in order.</summary>
public abstract class FanoutContract(RedisServers servers, RedisServerKind kind, bool isDirect, bool isMultiplexed = false)
    : EventStreamsContract(servers, kind, isDirect, isMultiplexed)
{
    [Fact]
    public async Task Streams_on_different_replicas_see_the_same_events_in_order()
    {
        var replicas = new[] { await StartReplicaAsync("a"), await StartReplicaAsync("b"), await StartReplicaAsync("c") };
        await PublishAsync(replicas[0], Numbers(1, 20));
        var early = await Task.WhenAll(replicas.Select(r => r.OpenAsync(Topic)));
        var publishing = Task.WhenAll(PublishAsync(replicas[0], Numbers(21, 120)), PublishAsync(replicas[1], Numbers(121, 220)));
        var late = await Task.WhenAll(replicas.Select(r => r.OpenAsync(Topic)));
        await publishing;

        var seen = await Task.WhenAll(early.Concat(late).Select(s => s.TakeAsync(220)));
        Assert.All(seen, s => Assert.Equal(seen[0], s));
        Assert.Equal(Numbers(1, 220).Order(), seen[0].Order());
        Assert.Equal(Numbers(21, 120), seen[0].Where(n => Numbers(21, 120).Contains(n)));
        foreach (var stream in early.Concat(late))
            await stream.DisposeAsync();
    }

    [Fact]
    public async Task What_a_socket_does_not_take_at_once_comes_once_and_whole()
    {
        var replica = await StartReplicaAsync("a");
        await using var live = await replica.OpenAsync(Topic);
        Assert.Equal("stream.open", (await live.NextEventAsync())?.Type);
        // Each is several times what a socket's buffer holds.
        var payloads = Enumerable.Range(0, 10).Select(n => $"{n} " + new string((char)('a' + n), 200_000)).ToArray();
        await PublishAsync(replica, payloads);
        Assert.Equal(payloads, await live.TakeAsync(payloads.Length));
        // Now from the ring, whose events follow each other without a pause; and again, as the moment in which the stream is handed over
        // matters.
        for (var i = 0; i < 5; i++)
        {
            await using var replayed = await replica.OpenAsync(Topic);
            Assert.Equal(payloads, await replayed.TakeAsync(payloads.Length));
        }
    }

    [Fact]
    public async Task A_stream_begins_with_retry_and_open_and_headers_that_keep_proxies_from_buffering()
    {
        var replica = await StartReplicaAsync("a");
        await using var stream = await replica.OpenAsync(Topic);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.ToString());
        Assert.True(stream.Response.Headers.CacheControl is { NoCache: true, NoStore: true, NoTransform: true });
        Assert.Equal("no", stream.Response.Headers.GetValues("X-Accel-Buffering").Single());
        var open = await stream.NextBlockAsync();
        Assert.InRange(int.Parse(open!.Retry!, System.Globalization.CultureInfo.InvariantCulture), 500, 2000);
        Assert.Equal("stream.open", open.Type);
        Assert.Equal("0-0", open.Id);
        using var data = JsonDocument.Parse(open.Data!);
        var topic = TopicsBeside == 0 ? data.RootElement : data.RootElement.GetProperty("topics")[TopicsBeside];
        Assert.Equal(
            ("a", Topic.Name, "0-0"),
            (
                data.RootElement.GetProperty("replica").GetString(),
                topic.GetProperty("topic").GetString(),
                topic.GetProperty("cursor").GetString()
            )
        );
    }

    [Fact]
    public async Task A_client_that_was_cut_off_before_its_first_event_resumes_without_loss()
    {
        var a = await StartReplicaAsync("a");
        var b = await StartReplicaAsync("b");
        string cursor;
        await using (var stream = await a.OpenAsync(Topic))
        {
            await stream.NextEventAsync();
            cursor = stream.LastEventId;
        }
        await PublishAsync(a, "1", "2");
        await using var resumed = await b.OpenAsync(Topic, cursor);
        Assert.Equal(["1", "2"], await resumed.TakeAsync(2));
    }

    [Fact]
    public async Task A_stream_resumes_after_its_cursor_on_another_replica()
    {
        var a = await StartReplicaAsync("a");
        var b = await StartReplicaAsync("b");
        var ids = await PublishAsync(a, Numbers(1, 50));
        await using var stream = await b.OpenAsync(Topic, ids[19].ToString());
        var publishing = PublishAsync(a, Numbers(51, 60));
        Assert.Equal(Numbers(21, 60), await stream.TakeAsync(40));
        await publishing;
    }

    [Fact]
    public async Task The_cursor_may_come_as_a_query_parameter_and_the_header_wins()
    {
        var replica = await StartReplicaAsync("a");
        var ids = await PublishAsync(replica, Numbers(1, 5));
        await using var byQuery = await replica.OpenAsync(Topic, query: $"lastEventId={ids[2]}");
        Assert.Equal(["n4", "n5"], await byQuery.TakeAsync(2));
        await using var byHeader = await replica.OpenAsync(Topic, ids[3].ToString(), query: $"lastEventId={ids[2]}");
        Assert.Equal(["n5"], await byHeader.TakeAsync(1));
        await using var atHead = await replica.OpenAsync(Topic, query: "from=head");
        var open = await atHead.NextEventAsync();
        Assert.Equal(ids[4].ToString(), open!.Id);
        await PublishAsync(replica, "n6");
        Assert.Equal(["n6"], await atHead.TakeAsync(1));
    }

    [Fact]
    public async Task A_long_log_is_replayed_in_pages_while_events_go_on()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.PageSize = 7;
                options.RingCapacity = 16;
            }
        );
        await PublishAsync(replica, Numbers(1, 100));
        var streams = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => replica.OpenAsync(Topic)));
        await PublishAsync(replica, Numbers(101, 200));
        foreach (var stream in streams)
        {
            Assert.Equal(Numbers(1, 200), await stream.TakeAsync(200));
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_ended_topic_closes_its_streams_and_answers_204_to_who_has_it_all()
    {
        var a = await StartReplicaAsync("a");
        var b = await StartReplicaAsync("b");
        await PublishAsync(a, "1");
        await using var live = await b.OpenAsync(Topic);
        Assert.Equal(["1"], await live.TakeAsync(1));
        var end = await a.Publisher.EndAsync(Topic);

        var last = await live.NextEventAsync();
        Assert.Equal(("stream.end", end.Id.ToString()), (last!.Type, last.Id));
        Assert.Null(await live.NextEventAsync());

        foreach (var replica in new[] { a, b })
        {
            await using var again = await replica.OpenAsync(Topic, live.LastEventId);
            Assert.Equal(HttpStatusCode.NoContent, again.Response.StatusCode);
        }
        await using var late = await a.OpenAsync(Topic);
        Assert.Equal("1", (await late.NextAfterOpenAsync())!.Data);
        Assert.Equal("stream.end", (await late.NextEventAsync())!.Type);
        Assert.Null(await late.NextEventAsync());
    }

    [Fact]
    public async Task The_end_is_told_even_when_its_log_has_expired()
    {
        var replica = await StartReplicaAsync("a", options => options.SubscriptionLinger = TimeSpan.Zero);
        await PublishAsync(replica, "1", "2");
        var end = await replica.Publisher.EndAsync(Topic);
        using (var connection = await Server.ConnectAsync())
            await connection.GetDatabase().KeyDeleteAsync($"{KeyPrefix}:{{{Topic}}}:log");
        await using var stream = await replica.OpenAsync(Topic);
        var gap = await stream.NextAfterOpenAsync();
        Assert.Equal("stream.gap", gap!.Type);
        var last = await stream.NextEventAsync();
        Assert.Equal(("stream.end", end.Id.ToString()), (last!.Type, last.Id));
        Assert.Null(await stream.NextEventAsync());
    }

    [Fact]
    public async Task A_reopened_topic_goes_on_for_those_who_had_its_end_and_for_new_clients()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, "1");
        var end = await replica.Publisher.EndAsync(Topic);
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "2"), new PublishOptions { Reopen = true });
        await using var back = await replica.OpenAsync(Topic, end.Id.ToString());
        Assert.Equal("2", (await back.NextAfterOpenAsync())!.Data);
        await using var fresh = await replica.OpenAsync(Topic);
        Assert.Equal("1", (await fresh.NextAfterOpenAsync())!.Data);
        Assert.Equal("stream.reopened", (await fresh.NextEventAsync())!.Type);
        Assert.Equal("2", (await fresh.NextEventAsync())!.Data);
    }

    [Fact]
    public async Task An_idle_stream_gets_heartbeats_without_an_id()
    {
        var replica = await StartReplicaAsync("a", options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(100));
        await using var stream = await replica.OpenAsync(Topic);
        await stream.NextEventAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal(new SseBlock(null, null, null, null, ""), await stream.NextBlockAsync());
    }

    [Fact]
    public async Task Payload_lines_arrive_as_the_format_defines_them()
    {
        var replica = await StartReplicaAsync("a");
        await PublishAsync(replica, "one\ntwo\r\nthree\rfour\n", "", " leading blank", "data: x\nid: 7");
        await using var stream = await replica.OpenAsync(Topic);
        Assert.Equal(["one\ntwo\nthree\nfour\n", "", " leading blank", "data: x\nid: 7"], await stream.TakeAsync(4));
    }

    [Fact]
    public async Task A_topic_is_left_some_time_after_its_last_stream()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.SubscriptionLinger = TimeSpan.FromMilliseconds(50);
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
            }
        );
        await using (var stream = await replica.OpenAsync(Topic))
        {
            await stream.NextEventAsync();
            await Eventually.HoldsAsync(
                () => replica.Hub is { StreamCount: 1 } && replica.Hub.TopicCount == 1 + TopicsBeside,
                "the stream and the topic are counted"
            );
        }
        using var connection = await Server.ConnectAsync();
        await Eventually.HoldsAsync(() => replica.Hub is { StreamCount: 0, TopicCount: 0 }, "the stream and the topic are given up");
        await Eventually.HoldsAsync(
            async () =>
                await connection.GetSubscriber().PublishAsync(StackExchange.Redis.RedisChannel.Literal($"{KeyPrefix}:{{{Topic}}}"), "x")
                == 0,
            "nobody is subscribed any more"
        );
    }

    [Fact]
    public async Task A_topic_without_streams_is_still_followed_until_its_linger_is_over()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.SubscriptionLinger = TimeSpan.FromMinutes(10);
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
            }
        );
        await using var other = await replica.OpenAsync(Topic.Parse($"{Topic}:other"));
        await using (var stream = await replica.OpenAsync(Topic))
            await stream.NextEventAsync();
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 1, "the stream is gone");
        // Each heartbeat is from another round of the maintenance that leaves topics.
        for (var beats = 0; beats < 3; )
        {
            var block = await other.NextBlockAsync() ?? throw new InvalidOperationException("The stream has ended.");
            beats += block.Comment is null ? 0 : 1;
        }
        Assert.Equal(2 + TopicsBeside, replica.Hub.TopicCount);
    }

    [Fact]
    public async Task A_stopping_replica_closes_its_streams_with_a_retry_and_they_resume_elsewhere()
    {
        var a = await StartReplicaAsync("a", options => options.DrainTime = TimeSpan.FromMilliseconds(200));
        var b = await StartReplicaAsync("b");
        var streams = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => a.OpenAsync(Topic)));
        await PublishAsync(b, Numbers(1, 10));
        foreach (var stream in streams)
            Assert.Equal(Numbers(1, 10), await stream.TakeAsync(10));
        var stopping = a.StopAsync();
        await PublishAsync(b, Numbers(11, 20));
        foreach (var stream in streams)
        {
            var seen = Numbers(1, 10).ToList();
            string? retry = null;
            while (await stream.NextBlockAsync() is { } block)
            {
                retry = block.Retry ?? retry;
                if (block is { Data: { } data, Type: not StreamEventTypes.Busy })
                    seen.Add(data);
            }
            Assert.NotNull(retry);
            await using var resumed = await b.OpenAsync(Topic, stream.LastEventId);
            seen.AddRange(await resumed.TakeAsync(20 - seen.Count));
            Assert.Equal(Numbers(1, 20), seen);
            await stream.DisposeAsync();
        }
        await stopping;
    }

    [Fact]
    public async Task A_replica_that_gives_a_share_of_its_streams_away_closes_so_many_and_serves_the_rest()
    {
        var replica = await StartReplicaAsync("a");
        var streams = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => replica.OpenAsync(Topic)));
        await PublishAsync(replica, Numbers(1, 10));
        foreach (var stream in streams)
            Assert.Equal(Numbers(1, 10), await stream.TakeAsync(10));
        Assert.Equal(5, replica.Hub.CloseShare(.25));
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 15, "a quarter of the streams is closed");
        await PublishAsync(replica, Numbers(11, 20));
        var closed = 0;
        foreach (var stream in streams)
        {
            var seen = Numbers(1, 10).ToList();
            while (seen.Count < 20 && await stream.NextBlockAsync() is { } block)
            {
                if (block is { Data: { } data, Type: not StreamEventTypes.Busy })
                    seen.Add(data);
            }
            if (seen.Count < 20)
            {
                closed++;
                await using var resumed = await replica.OpenAsync(Topic, stream.LastEventId);
                seen.AddRange(await resumed.TakeAsync(20 - seen.Count));
            }
            Assert.Equal(Numbers(1, 20), seen);
            await stream.DisposeAsync();
        }
        Assert.Equal(5, closed);
    }
}

public sealed class RedisFanoutTests(RedisServers servers) : FanoutContract(servers, RedisServerKind.Redis, isDirect: true);

public sealed class RedisFanoutThroughBodyWriterTests(RedisServers servers)
    : FanoutContract(servers, RedisServerKind.Redis, isDirect: false);

public sealed class GarnetFanoutTests(RedisServers servers) : FanoutContract(servers, RedisServerKind.Garnet, isDirect: true);

public sealed class RedisMultiplexedFanoutTests(RedisServers servers)
    : FanoutContract(servers, RedisServerKind.Redis, isDirect: true, isMultiplexed: true);

public sealed class GarnetMultiplexedFanoutTests(RedisServers servers)
    : FanoutContract(servers, RedisServerKind.Garnet, isDirect: false, isMultiplexed: true);
