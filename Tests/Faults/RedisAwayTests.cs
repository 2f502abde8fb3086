using System.Diagnostics;
using EventStreams;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>What publishers and streams meet while Redis is away, in every way of being away, and that they come back by
/// themselves.</summary>
[Collection(FaultsCollection.Name)]
public sealed class RedisAwayTests : IAsyncLifetime
{
    private static readonly Topic Topic = Topic.Parse("away");

    // Short, so that a test sees it expire; and what it may take in sum on a busy machine, far below what a call without a limit would
    // take.
    private static readonly TimeSpan RedisTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);

    private readonly List<Replica> _replicas = [];
    private RedisServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync(RedisServerKind.Redis, isPersistent: true);

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_publish_fails_within_its_time_when_redis_is_gone_and_succeeds_when_it_is_back()
    {
        var replica = await StartAsync();
        await PublishAsync(replica, "1");
        await using var stream = await replica.OpenAsync(Topic);
        Assert.Equal(["1"], await stream.TakeAsync(1));
        await _server.KillAsync();
        await AssertUnavailableAsync(replica);
        await AssertUnavailableAsync(replica);

        await _server.RestartAsync();
        await PublishAsync(replica, "2");
        Assert.Equal(["2"], await stream.TakeAsync(1));
    }

    [Fact]
    public async Task A_publish_fails_within_its_time_when_redis_does_not_answer_and_its_retry_makes_no_duplicate()
    {
        var replica = await StartAsync();
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        // A stream that has not begun when Redis goes away ends, to be resumed.
        Assert.Equal(["1"], await stream.TakeAsync(1));
        var demands = new PublishOptions { ProducerId = "p", Sequence = 1 };
        await _server.FreezeAsync();
        await AssertUnavailableAsync(replica, demands);
        await _server.ThawAsync();
        await PublishAsync(replica, "x", demands);
        await PublishAsync(replica, "2");
        Assert.Equal(["x", "2"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task A_service_that_starts_before_redis_serves_when_redis_is_there()
    {
        await _server.KillAsync();
        var replica = await StartAsync();
        await AssertUnavailableAsync(replica);
        await Assert.ThrowsAsync<EventStreamUnavailableException>(() => replica.Hub.WarmAsync(Topic).WaitAsync(Eventually.DefaultLimit));
        await using (var early = await replica.OpenAsync(Topic))
        {
            // Told when to come back, and nothing else.
            Assert.True(await early.NextBlockAsync() is { Type: StreamEventTypes.Busy, Retry: not null, Id: null });
            Assert.Null(await early.NextBlockAsync());
        }
        Assert.Equal(0, replica.Hub.StreamCount);

        await _server.RestartAsync();
        await PublishAsync(replica, "1");
        await Eventually.HoldsAsync(
            async () =>
            {
                await using var stream = await replica.OpenAsync(Topic);
                return (await stream.NextAfterOpenAsync())?.Data == "1";
            },
            "a stream gets the event"
        );
    }

    [Fact]
    public async Task A_redis_that_loads_its_data_is_away_and_not_a_failure()
    {
        var replica = await StartAsync();
        await using var stream = await replica.OpenAsync(Topic);
        await PublishAsync(replica, "1");
        Assert.Equal(["1"], await stream.TakeAsync(1));
        using (var connection = await _server.ConnectAsync())
        {
            var database = connection.GetDatabase();
            await Task.WhenAll(Enumerable.Range(0, 6000).Select(n => database.StringSetAsync($"filler{n}", "x")));
        }

        // Slow on purpose: it loads for two seconds, and looks up after every 1,024 commands to answer LOADING.
        var loading = _server.RestartAsync(["--key-load-delay", "300"]);
        var refusals = 0;
        await Eventually.HoldsAsync(
            async () =>
            {
                if (!await TryPublishAsync(replica, "x", new PublishOptions { ProducerId = "p", Sequence = 1 }))
                    refusals++;
                return loading.IsCompleted;
            },
            "the server has loaded its data"
        );
        await loading;
        Assert.True(_server.HasBeenLoading, "The server was to be seen while it loads.");
        Assert.NotEqual(0, refusals);
        await PublishAsync(replica, "x", new PublishOptions { ProducerId = "p", Sequence = 1 });
        await PublishAsync(replica, "2");
        Assert.Equal(["x", "2"], await stream.TakeAsync(2));
    }

    [Fact]
    public async Task A_stream_that_needs_the_log_waits_for_redis_and_keeps_its_heartbeat()
    {
        var replica = await StartAsync(options =>
        {
            options.RingCapacity = 16;
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(300);
        });
        await using var live = await replica.OpenAsync(Topic);
        var numbers = await PublishFiftyAsync(replica);
        Assert.Equal(numbers, await live.TakeAsync(50));

        await _server.FreezeAsync();
        await using var fresh = await replica.OpenAsync(Topic);
        Assert.Equal("stream.open", (await fresh.NextEventAsync())!.Type);
        // More of them than fit into the time that one read is given.
        for (var i = 0; i < 6; i++)
            Assert.NotNull((await fresh.NextBlockAsync())!.Comment);
        await _server.ThawAsync();
        Assert.Equal(numbers, await fresh.TakeAsync(50));
    }

    [Fact]
    public async Task A_stream_that_waits_for_redis_is_closed_when_its_client_goes_or_the_replica_stops()
    {
        var replica = await StartAsync(options =>
        {
            options.RingCapacity = 16;
            options.DrainTime = TimeSpan.FromMilliseconds(200);
            // So often that one is under way when the replica stops.
            options.TailCheckInterval = TimeSpan.FromMilliseconds(100);
        });
        await using var live = await replica.OpenAsync(Topic);
        await PublishFiftyAsync(replica);
        await live.TakeAsync(50);
        await _server.FreezeAsync();
        await using (var leaving = await replica.OpenAsync(Topic))
        {
            await leaving.NextEventAsync();
            await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 2, "the stream is open");
        }
        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 1, "the stream of the client that left is closed");
        await using var staying = await replica.OpenAsync(Topic);
        await staying.NextEventAsync();
        await replica.StopAsync().WaitAsync(Eventually.DefaultLimit);
        Assert.Equal(StreamEventTypes.Busy, (await staying.NextEventAsync())?.Type);
        Assert.Null(await staying.NextEventAsync());
        await _server.ThawAsync();
    }

    private static async Task AssertUnavailableAsync(Replica replica, PublishOptions? demands = null)
    {
        var started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<EventStreamUnavailableException>(async () =>
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "x"), demands)
        );
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Bound);
    }

    private static async Task PublishAsync(Replica replica, string payload, PublishOptions? demands = null) =>
        await Eventually.HoldsAsync(
            () => TryPublishAsync(replica, payload, demands ?? new PublishOptions { ProducerId = payload, Sequence = 1 }),
            $"{payload} is published"
        );

    private static async Task<bool> TryPublishAsync(Replica replica, string payload, PublishOptions demands)
    {
        try
        {
            await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", payload), demands);
            return true;
        }
        catch (EventStreamUnavailableException)
        {
            return false;
        }
    }

    // More than the ring holds, so that whoever comes later needs the log.
    private static async Task<List<string>> PublishFiftyAsync(Replica replica)
    {
        var numbers = Enumerable.Range(1, 50).Select(n => $"n{n}").ToList();
        await replica.Publisher.PublishAsync(Topic, [.. numbers.Select(n => EventMessage.Text("note", n))]);
        return numbers;
    }

    private async Task<Replica> StartAsync(Action<EventStreamsOptions>? configure = null)
    {
        if (OperatingSystem.IsWindows())
            throw Requirement.Missing("These tests freeze processes, which needs POSIX signals.");
        var replica = await Replica.StartAsync(
            _server.ConnectionString,
            RedisServers.CreateKeyPrefix(),
            "a",
            isDirect: true,
            options =>
            {
                options.RedisTimeout = RedisTimeout;
                configure?.Invoke(options);
            }
        );
        _replicas.Add(replica);
        return replica;
    }
}
