using EventStreams;
using EventStreams.Log;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>Many clients at once, far behind.</summary>
[Collection(FaultsCollection.Name)]
public sealed class CrowdTests(RedisServers servers) : IAsyncLifetime
{
    private static readonly Topic Topic = Topic.Parse("crowd");

    private readonly string _keyPrefix = RedisServers.CreateKeyPrefix();
    private readonly List<Replica> _replicas = [];
    private RedisServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await servers.GetAsync(RedisServerKind.Redis);

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
    }

    [Fact]
    public async Task Those_whose_replica_died_share_the_reads_of_the_one_they_come_back_to()
    {
        const int Clients = 300;
        const int Missed = 1000;
        var dying = await StartAsync("dying");
        var other = await StartAsync(
            "other",
            services =>
                services.AddSingleton<IEventLog>(provider => new HeldEventLog(ActivatorUtilities.CreateInstance<RedisEventLog>(provider)))
        );
        var log = (HeldEventLog)other.Log;
        await PublishAsync(dying, 1, 10);
        var streams = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => dying.OpenAsync(Topic)));
        foreach (var stream in streams)
            await stream.TakeAsync(10);
        await Task.WhenAll(streams.Select(stream => stream.DisposeAsync().AsTask()));
        await PublishAsync(other, 11, 10 + Missed);

        var feed = other.Hub.Acquire(Topic);
        await feed.Ready;
        log.Hold();
        var before = log.Reads;
        var opening = streams.Select(stream => other.OpenAsync(Topic, stream.LastEventId)).ToList();
        await Eventually.HoldsAsync(() => feed.References > Clients, "all clients are back");
        log.LetGo();
        var resumed = await Task.WhenAll(opening);
        foreach (var stream in resumed)
        {
            Assert.Equal(Numbers(11, 10 + Missed), await stream.TakeAsync(Missed));
            await stream.DisposeAsync();
        }
        other.Hub.Release(Topic, feed);
        // Each alone would read the ten pages for itself.
        Assert.InRange(log.Reads - before, Missed / 100, Clients);
    }

    [Fact]
    public async Task Those_far_behind_the_ring_are_fed_from_the_log_while_the_topic_goes_on()
    {
        const int Before = 5000;
        const int After = 10_000;
        var replica = await StartAsync("a");
        await PublishAsync(replica, 1, Before);
        await using var live = await SseStream.OpenAsync(replica.Client, $"/streams/{Topic}?from=head");
        await live.NextEventAsync();
        var publishing = PublishAsync(replica, Before + 1, After);
        var behind = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => replica.OpenAsync(Topic)));
        Assert.Equal(Numbers(Before + 1, After), await live.TakeAsync(After - Before));
        foreach (var stream in behind)
        {
            Assert.Equal(Numbers(1, After), await stream.TakeAsync(After));
            await stream.DisposeAsync();
        }
        await publishing;
    }

    private async Task<Replica> StartAsync(string name, Action<IServiceCollection>? addServices = null)
    {
        var replica = await Replica.StartAsync(
            _server.ConnectionString,
            _keyPrefix,
            name,
            isDirect: true,
            options =>
            {
                options.RingCapacity = 64;
                options.PageSize = 100;
            },
            addServices
        );
        _replicas.Add(replica);
        return replica;
    }

    private static async Task PublishAsync(Replica replica, int from, int to)
    {
        foreach (var part in Enumerable.Range(from, to - from + 1).Chunk(50))
            await replica.Publisher.PublishAsync(Topic, [.. part.Select(n => EventMessage.Text("note", $"n{n}"))]);
    }

    private static IEnumerable<string> Numbers(int from, int to) => Enumerable.Range(from, to - from + 1).Select(n => $"n{n}");
}
