using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EventStreams;
using EventStreams.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>What an operator sees: each instrument tells what it says, and an event's spans are few whatever its streams.</summary>
public sealed class TelemetryTests(RedisServers servers) : EventStreamsContract(servers, RedisServerKind.Redis, isDirect: true)
{
    private const string Published = "eventstreams.events.published";
    private const string Delivered = "eventstreams.events.delivered";
    private const string Latency = "eventstreams.delivery.duration";
    private const string Open = "eventstreams.streams.open";
    private const string Dropped = "eventstreams.streams.dropped";
    private const string Subscriptions = "eventstreams.subscriptions";
    private const string Replays = "eventstreams.replays";
    private const string Gaps = "eventstreams.gaps";
    private const string Heals = "eventstreams.heals";
    private const string Reconnects = "eventstreams.redis.reconnects";
    private const string BufferSize = "eventstreams.buffer.size";

    [Fact]
    public async Task Instruments_have_their_units()
    {
        using var meter = new MeterReader(await StartReplicaAsync("a"));
        // Asked for as the host starts, which does not wait for it.
        await Eventually.HoldsAsync(() => meter.Units.ContainsKey(BufferSize), "the buffer is observed");
        foreach (
            var (name, unit) in new[]
            {
                (Published, "{event}"),
                (Delivered, "{event}"),
                (Latency, "s"),
                (Open, "{stream}"),
                (Dropped, "{stream}"),
                ("eventstreams.streams.rejected", "{stream}"),
                (Subscriptions, "{subscription}"),
                (Replays, "{stream}"),
                (Gaps, "{gap}"),
                (Heals, "{heal}"),
                (Reconnects, "{reconnect}"),
                (BufferSize, "By"),
            }
        )
            Assert.Equal(unit, Assert.Contains(name, meter.Units));
    }

    [Fact]
    public async Task Publishes_are_counted_by_outcome()
    {
        var replica = await StartReplicaAsync("a");
        using var meter = new MeterReader(replica);
        var message = EventMessage.Text("note", "x");
        var demands = new PublishOptions
        {
            ProducerId = "p",
            Sequence = 1,
            FencingToken = 2,
        };
        await replica.Publisher.PublishAsync(Topic, [message, message], demands);
        await replica.Publisher.PublishAsync(Topic, [message, message, message], demands);
        await replica.Publisher.PublishAsync(Topic, message, new PublishOptions { FencingToken = 1 });
        await replica.Publisher.PublishAsync(Topic, message, demands with { Sequence = 9, InSequence = true });
        await replica.Publisher.EndAsync(Topic);
        await replica.Publisher.PublishAsync(Topic, message);
        foreach (var (outcome, count) in new[] { ("published", 4), ("duplicate", 2), ("fenced", 1), ("out_of_order", 1), ("ended", 1) })
            Assert.True(count == meter.Sum(Published, outcome), $"{outcome}: {meter.Sum(Published, outcome)} instead of {count}");
    }

    [Fact]
    public async Task Publishes_that_did_not_reach_redis_are_counted()
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        await using var replica = await Replica.StartAsync(
            server.ConnectionString,
            KeyPrefix,
            "a",
            isDirect: true,
            options => options.RedisTimeout = TimeSpan.FromSeconds(1)
        );
        using var meter = new MeterReader(replica);
        await server.KillAsync();
        await Assert.ThrowsAsync<EventStreamUnavailableException>(async () =>
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "x"))
        );
        Assert.Equal(1, meter.Sum(Published, "unavailable"));
    }

    [Fact]
    public async Task Streams_subscriptions_deliveries_and_buffered_bytes_are_counted()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.SubscriptionLinger = TimeSpan.Zero;
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
            }
        );
        using var meter = new MeterReader(replica);
        await PublishAsync(replica, "old");
        await using (var one = await replica.OpenAsync(Topic))
        await using (var two = await replica.OpenAsync(Topic))
        {
            await one.TakeAsync(1);
            await two.TakeAsync(1);
            await PublishAsync(replica, "1", new string('x', 10_000));
            await one.TakeAsync(2);
            await two.TakeAsync(2);
            Assert.Equal((2, 1), (meter.Sum(Open), meter.Sum(Subscriptions)));
            await Eventually.HoldsAsync(() => meter.Sum(Delivered) >= 6, "three events for each of two streams are counted");
            Assert.Equal(6, meter.Sum(Delivered));
            // Live events only, once each: not one for each stream, and not the old one.
            await Eventually.HoldsAsync(() => meter.Count(Latency) >= 2, "the latency of both live events is measured");
            Assert.Equal(2, meter.Count(Latency));
            Assert.InRange(meter.Observe(BufferSize), 10_000, 11_000);
        }
        await Eventually.HoldsAsync(() => (meter.Sum(Open), meter.Sum(Subscriptions)) is (0, 0), "the streams and the topic are given up");
        Assert.Equal(0, meter.Observe(BufferSize));
    }

    [Fact]
    public async Task Replays_are_counted_by_outcome()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.MaxLogLength = 10;
                options.RingCapacity = 16;
            }
        );
        using var meter = new MeterReader(replica);
        var ids = await PublishAsync(replica, Numbers(1, 9));
        await using var fresh = await replica.OpenAsync(Topic);
        await fresh.TakeAsync(9);
        await using var resumed = await replica.OpenAsync(Topic, ids[3].ToString());
        await resumed.TakeAsync(5);
        await PublishAsync(replica, Numbers(10, 40));
        // Until the replica has heard of them, its ring still holds what the log has not any more.
        await fresh.TakeAsync(31);
        await using var late = await replica.OpenAsync(Topic, ids[3].ToString());
        await late.TakeAsync(11);
        await using var unknown = await replica.OpenAsync(Topic, "rubbish");
        Assert.Equal(StreamEventTypes.Gap, (await unknown.NextAfterOpenAsync())!.Type);
        var end = await replica.Publisher.EndAsync(Topic);
        await using var ended = await replica.OpenAsync(Topic, end.Id.ToString());
        Assert.Equal(HttpStatusCode.NoContent, ended.Response.StatusCode);
        await Eventually.HoldsAsync(() => meter.Sum(Replays, "gap") >= 2, "the outcomes are counted");
        Assert.Equal(
            (1, 1, 2, 1),
            (meter.Sum(Replays, "fresh"), meter.Sum(Replays, "resumed"), meter.Sum(Replays, "gap"), meter.Sum(Replays, "ended"))
        );
        Assert.Equal((1, 1), (meter.Sum(Gaps, StreamGap.Trimmed), meter.Sum(Gaps, StreamGap.Unknown)));
    }

    [Fact]
    public async Task Live_gaps_are_counted_once_a_stream()
    {
        var replica = await StartReplicaAsync("a", options => options.TailCheckInterval = TimeSpan.FromMilliseconds(100));
        using var meter = new MeterReader(replica);
        await using var one = await replica.OpenAsync(Topic);
        await using var two = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        await one.TakeAsync(1);
        await two.TakeAsync(1);
        using (var connection = await Server.ConnectAsync())
        {
            var keys = new TopicKeys(KeyPrefix, Topic);
            await connection.GetDatabase().KeyDeleteAsync([keys.Meta, keys.Log, keys.State]);
        }
        Assert.Equal(StreamEventTypes.Gap, (await one.NextEventAsync())!.Type);
        Assert.Equal(StreamEventTypes.Gap, (await two.NextEventAsync())!.Type);
        await Eventually.HoldsAsync(() => meter.Sum(Gaps, StreamGap.Epoch) >= 2, "both notices are counted");
        Assert.Equal(2, meter.Sum(Gaps, StreamGap.Epoch));
        // A notice is no event.
        Assert.Equal(2, meter.Sum(Delivered));
    }

    [Fact]
    public async Task Heals_are_counted_where_something_was_found_and_only_there()
    {
        var replica = await StartReplicaAsync("a", options => options.TailCheckInterval = TimeSpan.FromMinutes(1));
        using var meter = new MeterReader(replica);
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        await stream.TakeAsync(1);
        // A check that only sees that the topic was heard of is followed by one that reads the log. They may be faster than the
        // notification.
        await CheckTwiceAsync();
        var early = meter.Count(Heals);
        await CheckTwiceAsync();
        Assert.Equal(early, meter.Count(Heals));

        await SilentPublisher.PublishAsync(Server, KeyPrefix, Topic, "silent");
        await CheckTwiceAsync();
        await stream.TakeAsync(1);
        Assert.Equal((early + 1, early + 1), (meter.Sum(Heals, "tail-check"), meter.Count(Heals)));

        await SilentPublisher.PublishAsync(Server, KeyPrefix, Topic, "silent");
        await PublishAsync(replica, "4");
        await stream.TakeAsync(2);
        await Eventually.HoldsAsync(() => meter.Count(Heals) >= early + 2, "the missed message is counted");
        Assert.Equal((1, early + 2), (meter.Sum(Heals, "missed"), meter.Count(Heals)));

        async Task CheckTwiceAsync()
        {
            await replica.Hub.CheckTailsAsync();
            await replica.Hub.CheckTailsAsync();
        }
    }

    [Fact]
    public async Task Reconnects_are_counted()
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis);
        await using var replica = await Replica.StartAsync(server.ConnectionString, KeyPrefix, "a", isDirect: true);
        using var meter = new MeterReader(replica);
        await using var stream = await replica.OpenAsync(Topic);
        await stream.NextEventAsync();
        Assert.Equal(0, meter.Sum(Reconnects));
        await server.CutSubscriptionsAsync();
        await Eventually.HoldsAsync(() => meter.Sum(Reconnects) >= 1, "the reconnect is counted");
        Assert.Equal(1, meter.Sum(Reconnects));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_dropped_and_counted()
    {
        var replica = await StartReplicaAsync(
            "a",
            options =>
            {
                options.SlowClientTimeout = TimeSpan.FromMilliseconds(300);
                options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
            }
        );
        using var meter = new MeterReader(replica);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, replica.Client.BaseAddress!.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /streams/{Topic} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 1, "the stream is open");
        await PublishAsync(replica, [.. Enumerable.Repeat(new string('x', 200_000), 40)]);
        await Eventually.HoldsAsync(() => meter.Sum(Dropped) >= 1 && replica.Hub.StreamCount == 0, "the stream is dropped");
        Assert.Equal((1, 0), (meter.Sum(Dropped), meter.Sum(Open)));
    }

    [Fact]
    public async Task An_event_has_one_publish_span_and_one_delivery_span_a_replica_linked_to_it()
    {
        var replicas = new[] { await StartReplicaAsync("a"), await StartReplicaAsync("b"), await StartReplicaAsync("c") };
        using var spans = new SpanReader(Topic);
        await PublishAsync(replicas[0], "before anybody listens");
        var streams = await Task.WhenAll(Enumerable.Range(0, 9).Select(i => replicas[i % 3].OpenAsync(Topic)));
        await Task.WhenAll(streams.Select(s => s.TakeAsync(1)));

        await PublishAsync(replicas[0], "1", "2");
        await replicas[1].Publisher.PublishAsync(Topic, [.. Numbers(3, 152).Select(n => EventMessage.Text("note", n))]);
        await Task.WhenAll(streams.Select(s => s.TakeAsync(152)));
        await PublishAsync(replicas[2], "last");
        await Task.WhenAll(streams.Select(s => s.TakeAsync(1)));

        const int Live = 153;
        await Eventually.HoldsAsync(() => spans.Delivered.Count >= Live * 3, "every replica has a span for every event");
        Assert.Equal((5, Live * 3), (spans.Published.Count, spans.Delivered.Count));
        var published = spans.Published.ToDictionary(span => span.SpanId);
        foreach (var events in spans.Delivered.GroupBy(span => span.GetTagItem("messaging.message.id")))
        {
            Assert.Equal(3, events.Count());
            var publish = published[Assert.Single(events.Select(span => span.ParentSpanId).Distinct())];
            Assert.All(events, span => Assert.Equal(publish.Context.SpanId, Assert.Single(span.Links).Context.SpanId));
            Assert.All(events, span => Assert.Equal(publish.TraceId, span.TraceId));
            Assert.All(events, span => Assert.Equal(3, span.GetTagItem("eventstreams.streams")));
        }
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }
}
