using Benchmarks.Faults;
using EventStreams;
using StackExchange.Redis;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Publishes that replicas of Redis confirm, on a real primary with a real copy.</summary>
public sealed class DurabilityTests : IAsyncLifetime
{
    private static readonly Topic Topic = Topic.Parse("orders");
    private static readonly PublishOptions Demands = new() { ProducerId = "p", Sequence = 1 };

    private readonly string _prefix = RedisServers.CreateKeyPrefix();
    private readonly List<Replica> _replicas = [];
    private FaultPair _pair = null!;

    public async ValueTask InitializeAsync()
    {
        if (Requirement.FindProgram("redis-server") is null)
            throw Requirement.Missing("redis-server is needed; on Debian run: apt-get install redis-server");
        _pair = await FaultPair.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        if (_pair is not null)
            await _pair.DisposeAsync();
    }

    [Fact]
    public async Task What_is_acknowledged_is_at_the_copy()
    {
        var replica = await StartAsync(Durability.Replicated);
        using var copy = await ConnectionMultiplexer.ConnectAsync(_pair.CopyConnectionString);
        for (var n = 1; n <= 50; n++)
        {
            Assert.Equal(n, (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", $"e{n}"))).Id.Offset);
            Assert.Equal(n, await copy.GetDatabase().ListLengthAsync($"{_prefix}:{{{Topic}}}:log", CommandFlags.PreferReplica));
        }
    }

    [Fact]
    public async Task Publishes_at_the_same_time_are_all_confirmed_and_batches_too()
    {
        var replica = await StartAsync(Durability.Replicated);
        await using var stream = await replica.OpenAsync(Topic);
        await Task.WhenAll(
            Enumerable.Range(0, 200).Select(n => replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", $"e{n}")).AsTask())
        );
        await replica.Publisher.PublishAsync(Topic, [.. Enumerable.Range(200, 300).Select(n => EventMessage.Text("note", $"e{n}"))]);
        Assert.Equal(Enumerable.Range(0, 500).Select(n => $"e{n}").Order(), (await stream.TakeAsync(500)).Order());
    }

    [Fact]
    public async Task Without_the_copy_the_outcome_is_unknown_and_a_repeat_is_acknowledged_once_the_copy_has_it()
    {
        var replica = await StartAsync(Durability.Replicated);
        await using var stream = await replica.OpenAsync(Topic);
        await _pair.HoldCopyAsync();
        await Assert.ThrowsAsync<EventStreamUnavailableException>(PublishAsync);
        // It is in the log, and a repeat alone must not pass for a confirmation.
        Assert.Equal(["x"], await stream.TakeAsync(1));
        await Assert.ThrowsAsync<EventStreamUnavailableException>(PublishAsync);
        await _pair.ReleaseCopyAsync();
        Assert.Equal(PublishOutcome.Duplicate, (await PublishAsync()).Outcome);
        await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "y"));
        Assert.Equal(["y"], await stream.TakeAsync(1));

        Task<PublishResult> PublishAsync() => replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "x"), Demands).AsTask();
    }

    [Fact]
    public async Task By_default_the_primary_alone_acknowledges()
    {
        var replica = await StartAsync(Durability.Default);
        await _pair.HoldCopyAsync();
        Assert.Equal(
            PublishOutcome.Published,
            (await replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "x"), Demands)).Outcome
        );
    }

    [Fact]
    public async Task More_replicas_than_there_are_never_confirm()
    {
        var replica = await StartAsync(Durability.Replicated, replicas: 2);
        var failure = await Assert.ThrowsAsync<EventStreamUnavailableException>(() =>
            replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "x"), Demands).AsTask()
        );
        Assert.Contains("1 of 2 replicas", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failovers_lose_nothing_that_was_acknowledged()
    {
        var outcome = await new FailoverRun(Durability.Replicated, static _ => { }).RunAsync(rounds: 3);
        Assert.Equal((0, 0), (outcome.Lost, outcome.Duplicated));
        Assert.True(outcome.Acknowledged > 0 && outcome.Repeated > 0, $"{outcome}");
    }

    private async Task<Replica> StartAsync(Durability durability, int replicas = 1)
    {
        var replica = await Replica.StartAsync(
            _pair.ConnectionString,
            _prefix,
            "a",
            isDirect: true,
            options =>
            {
                options.Durability = durability;
                options.ConfirmingReplicas = replicas;
                options.ConfirmationTimeout = TimeSpan.FromSeconds(1);
            }
        );
        _replicas.Add(replica);
        return replica;
    }
}
