using System.Net.Http.Json;
using System.Text.Json;
using EventStreams;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>Streams over a real Redis Cluster: sharded channels, slots that move, and primaries that change.</summary>
public sealed class RedisClusterTests : IAsyncLifetime
{
    private readonly string _prefix = RedisServers.CreateKeyPrefix();
    private readonly List<Replica> _replicas = [];
    private RedisCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await RedisCluster.StartAsync();
        foreach (var name in new[] { "a", "b" })
            _replicas.Add(await Replica.StartAsync(_cluster.ConnectionString, _prefix, name, isDirect: true, Configure));

        static void Configure(EventStreamsOptions options)
        {
            options.RedisTimeout = TimeSpan.FromSeconds(5);
            // What a move has cost must be found by the move itself.
            options.TailCheckInterval = TimeSpan.FromMinutes(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Tickets_revocation_and_presence_are_common_to_all_replicas()
    {
        static void Seldom(EventStreamsOptions options) => options.TailCheckInterval = TimeSpan.FromMinutes(1);
        await using var one = await AccessApp.StartAsync(_cluster.ConnectionString, _prefix, configure: Seldom);
        await using var other = await AccessApp.StartAsync(_cluster.ConnectionString, _prefix, configure: Seldom);
        var topic = Topic.Parse("news");
        await using var stream = await other.OpenAsync(topic, (await one.TicketAsync("alice", topic)).Ticket);
        await Eventually.HoldsAsync(
            async () => (await one.Presence.GetSubscribersAsync(topic)).Subjects.Contains("alice"),
            "alice is counted"
        );
        await one.Control.CloseAsync("alice");
        Assert.Equal(StreamEventTypes.Expired, (await stream.NextAfterOpenAsync())?.Type);
    }

    [Fact]
    public async Task State_history_and_many_topics_come_from_every_slot()
    {
        var topics = Enumerable.Range(0, 12).Select(i => Topic.Parse($"s{i}")).ToList();
        foreach (var topic in topics)
        {
            await _replicas[0]
                .Publisher.PublishAsync(topic, [.. Enumerable.Range(0, 3).Select(n => EventMessage.Text("set", $"{topic} {n}", $"k{n}"))]);
            await _replicas[0].Publisher.PublishAsync(topic, EventMessage.Tombstone("removed", "k1", "k1"));
        }
        foreach (var topic in topics)
        {
            await using var stream = await SseStream.OpenAsync(_replicas[1].Client, $"/streams/{topic}?from=state");
            var state = JsonDocument.Parse((await stream.NextAfterOpenAsync())!.Data!).RootElement;
            Assert.Equal(
                [$"{topic} 0", $"{topic} 2"],
                state.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("data").GetString())
            );
            var page = await _replicas[1].Client.GetFromJsonAsync<JsonElement>($"/streams/{topic}/events?limit=3");
            Assert.Equal(
                [$"{topic} 0", $"{topic} 1", $"{topic} 2"],
                page.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("data").GetString())
            );
        }
        await using var all = await SseStream.OpenAsync(
            _replicas[1].Client,
            "/streams?from=head&" + string.Join('&', topics.Select(topic => $"topic={topic}"))
        );
        Assert.Equal(StreamEventTypes.Open, (await all.NextEventAsync())?.Type);
        foreach (var topic in topics)
            await PublishAsync(topic, 1, 1);
        Assert.Equal(topics.Select(topic => $"{topic} 1").Order(), (await all.TakeAsync(topics.Count)).Order());
    }

    [Fact]
    public async Task Topics_of_every_slot_reach_every_replica_over_sharded_channels()
    {
        var topics = Enumerable.Range(0, 12).Select(i => Topic.Parse($"t{i}")).ToList();
        var streams = new List<(Topic Topic, SseStream Stream)>();
        foreach (var topic in topics)
        {
            foreach (var replica in _replicas)
                streams.Add((topic, await OpenAsync(replica, topic)));
        }
        foreach (var topic in topics)
            await PublishAsync(topic, 1, 5);
        foreach (var (topic, stream) in streams)
        {
            Assert.Equal(Payloads(topic, 1, 5), await stream.TakeAsync(5));
            await stream.DisposeAsync();
        }
        using var connection = await _cluster.ConnectAsync();
        var primaries = await RedisCluster.PrimariesAsync(connection);
        Assert.Equal(3, primaries.Count);
        foreach (var primary in primaries)
        {
            Assert.NotEmpty((RedisResult[])(await primary.ExecuteAsync("PUBSUB", "SHARDCHANNELS", _prefix + "*"))!);
            Assert.Empty((RedisResult[])(await primary.ExecuteAsync("PUBSUB", "CHANNELS", _prefix + "*"))!);
        }
    }

    [Fact]
    public Task A_slot_that_moves_takes_its_streams_along() => IsFollowedAsync("moving", _cluster.MoveSlotAsync);

    [Fact]
    public Task A_planned_failover_which_breaks_no_connection_is_followed() => IsFollowedAsync("swapped", _cluster.SwapAsync);

    [Fact]
    public Task A_killed_primary_is_followed_to_its_replica() =>
        IsFollowedAsync(
            "killed",
            async channel =>
            {
                using (var connection = await _cluster.ConnectAsync())
                {
                    // WAIT vouches for the writes of its own connection, and so for what came before them.
                    var primary = connection.GetServer((RedisKey)channel);
                    await primary.ExecuteAsync("SET", channel + ":mark", "x");
                    Assert.Equal(1, (int)await primary.ExecuteAsync("WAIT", 1, 10_000));
                }
                await _cluster.FailOverAsync(channel);
            }
        );

    [Fact]
    public async Task Topics_that_are_left_while_their_slots_move_leave_no_subscription_behind()
    {
        var replica = await Replica.StartAsync(
            _cluster.ConnectionString,
            _prefix,
            "c",
            isDirect: true,
            options =>
            {
                options.RedisTimeout = TimeSpan.FromSeconds(5);
                options.SubscriptionLinger = TimeSpan.Zero;
            }
        );
        _replicas.Add(replica);
        using var stop = new CancellationTokenSource();
        var churning = Enumerable
            .Range(0, 4)
            .Select(worker =>
                Task.Run(async () =>
                {
                    for (var round = 0; !stop.IsCancellationRequested; round++)
                    {
                        var topics = Enumerable.Range(0, 50).Select(i => Topic.Parse($"left:{worker}:{round % 10}:{i}"));
                        try
                        {
                            await Task.WhenAll(topics.Select(topic => replica.Hub.WarmAsync(topic)));
                        }
                        catch (EventStreamUnavailableException)
                        {
                            // While a slot has no owner.
                        }
                        replica.Hub.RunMaintenance();
                    }
                })
            )
            .ToList();
        for (var swap = 0; swap < 4; swap++)
            await _cluster.SwapAsync($"{_prefix}:{{left:0:{swap}:0}}");
        await stop.CancelAsync();
        await Task.WhenAll(churning);
        using var connection = await _cluster.ConnectAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                replica.Hub.RunMaintenance();
                foreach (var server in connection.GetServers())
                {
                    if (((RedisResult[])(await server.ExecuteAsync("PUBSUB", "SHARDCHANNELS", _prefix + ":{left:*"))!).Length > 0)
                        return false;
                }
                return replica.Hub.TopicCount == 0;
            },
            "no topic is subscribed to",
            TimeSpan.FromMinutes(1)
        );
    }

    private async Task IsFollowedAsync(string name, Func<string, Task> changeOwnerAsync)
    {
        var topic = Topic.Parse(name);
        var streams = await Task.WhenAll(_replicas.Select(replica => OpenAsync(replica, topic)));
        await PublishAsync(topic, 1, 10);
        await changeOwnerAsync(ChannelOf(topic));
        await PublishAsync(topic, 11, 20);
        foreach (var stream in streams)
            Assert.Equal(Payloads(topic, 1, 20), await stream.TakeAsync(20));
        await IsHeardAtOwnerAsync(topic);
        foreach (var stream in streams)
            await stream.DisposeAsync();
    }

    private string ChannelOf(Topic topic) => $"{_prefix}:{{{topic}}}";

    private static string[] Payloads(Topic topic, int from, int to) =>
        [.. Enumerable.Range(from, to - from + 1).Select(n => $"{topic} {n}")];

    private static async Task<SseStream> OpenAsync(Replica replica, Topic topic)
    {
        var stream = await replica.OpenAsync(topic);
        Assert.Equal("stream.open", (await stream.NextEventAsync())!.Type);
        return stream;
    }

    // Publishes as a producer must whose calls may end with an unknown outcome.
    private async Task PublishAsync(Topic topic, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            var message = EventMessage.Text("n", $"{topic} {i}");
            var options = new PublishOptions { ProducerId = "p", Sequence = i };
            await Eventually.HoldsAsync(
                async () =>
                {
                    try
                    {
                        return (await _replicas[0].Publisher.PublishAsync(topic, message, options)).IsStored;
                    }
                    catch (EventStreamUnavailableException)
                    {
                        return false;
                    }
                },
                $"event {i} is published",
                TimeSpan.FromMinutes(1)
            );
        }
    }

    // What was lost was read from the log; the notifications must have followed as well.
    private async Task IsHeardAtOwnerAsync(Topic topic)
    {
        await Eventually.HoldsAsync(
            async () =>
            {
                using var connection = await _cluster.ConnectAsync();
                var heard = (RedisResult[])
                    (await connection.GetServer((RedisKey)ChannelOf(topic)).ExecuteAsync("PUBSUB", "SHARDNUMSUB", ChannelOf(topic)))!;
                return (long)heard[1] == _replicas.Count;
            },
            "both replicas are subscribed at the slot's owner",
            TimeSpan.FromMinutes(1)
        );
    }
}
