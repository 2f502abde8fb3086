using EventStreams;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>Clients that keep their connection and do not read.</summary>
[Collection(FaultsCollection.Name)]
public sealed class StuckClientTests(RedisServers servers) : IAsyncLifetime
{
    private const int Events = 3000;

    private static readonly Topic Busy = Topic.Parse("busy");
    private static readonly Topic Quiet = Topic.Parse("quiet");
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));
    private readonly List<PausingReader> _stuck = [];
    private Replica? _replica;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _stuck)
            await reader.DisposeAsync();
        if (_replica is not null)
            await _replica.DisposeAsync();
        _limit.Dispose();
    }

    [Fact]
    public async Task A_hundred_of_them_cost_little_memory_are_dropped_and_counted_and_hold_nobody_up()
    {
        var replica = await StartAsync(
            isDirect: true,
            options =>
            {
                options.SlowClientTimeout = TimeSpan.FromSeconds(4);
                options.HeartbeatInterval = TimeSpan.FromSeconds(1);
            }
        );
        using var meter = new MeterReader(replica);
        await OpenStuckAsync(100);
        await using var healthy = await replica.OpenAsync(Busy);
        await using var elsewhere = await replica.OpenAsync(Quiet);
        await healthy.NextEventAsync();

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var publishing = PublishAsync(replica);
        Assert.Equal(Numbers(1, Events), (await healthy.TakeAsync(Events)).Select(data => data.Split(' ')[0]));
        await publishing;
        await replica.Publisher.PublishAsync(Quiet, EventMessage.Text("note", "hello"));
        Assert.Equal(["hello"], await elsewhere.TakeAsync(1));
        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        // A queue for each of them would hold 300 MB by now.
        Assert.True(growth < 60_000_000, $"{growth / 1e6:0} MB more are in use.");

        await Eventually.HoldsAsync(() => replica.Hub.StreamCount == 2, "the stuck streams are dropped", Limit);
        Assert.Equal(100, meter.Sum("eventstreams.streams.dropped"));

        var had = await _stuck[0].ReadAsync(int.MaxValue, _limit.Token);
        Assert.InRange(had.Count, 1, Events - 1);
        await using var resumed = await replica.OpenAsync(Busy, _stuck[0].LastEventId);
        had.AddRange((await resumed.TakeAsync(Events - had.Count)).Select(data => data.Split(' ')[0]));
        Assert.Equal(Numbers(1, Events), had);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_reads_again_in_time_gets_all_of_it_on_the_same_connection(bool isDirect)
    {
        var replica = await StartAsync(isDirect, options => options.RingCapacity = 64);
        await OpenStuckAsync(1);
        await PublishAsync(replica);
        Assert.Equal(Numbers(1, Events), await _stuck[0].ReadAsync(Events, _limit.Token));
        Assert.Equal(1, replica.Hub.StreamCount);
    }

    [Fact]
    public async Task They_do_not_hold_up_a_replica_that_shuts_down()
    {
        var replica = await StartAsync(
            isDirect: true,
            options =>
            {
                options.DrainTime = TimeSpan.FromMilliseconds(200);
                options.HeartbeatInterval = TimeSpan.FromSeconds(1);
            }
        );
        using var meter = new MeterReader(replica);
        await OpenStuckAsync(3);
        await PublishAsync(replica);
        await replica.StopAsync().WaitAsync(Limit);
        Assert.Equal(3, meter.Sum("eventstreams.streams.dropped"));
    }

    private async Task<Replica> StartAsync(bool isDirect, Action<EventStreamsOptions> configure)
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        return _replica = await Replica.StartAsync(server.ConnectionString, RedisServers.CreateKeyPrefix(), "a", isDirect, configure);
    }

    private async Task OpenStuckAsync(int count)
    {
        var address = new Uri(_replica!.Client.BaseAddress!, $"/streams/{Busy}");
        _stuck.AddRange(await Task.WhenAll(Enumerable.Range(0, count).Select(_ => PausingReader.OpenAsync(address, _limit.Token))));
        await Eventually.HoldsAsync(() => _replica.Hub.StreamCount == count, "the streams are open");
    }

    // A kilobyte each: far more in sum than a connection's buffers hold.
    private static async Task PublishAsync(Replica replica)
    {
        var padding = new string('x', 1000);
        foreach (var part in Enumerable.Range(1, Events).Chunk(100))
            await replica.Publisher.PublishAsync(Busy, [.. part.Select(n => EventMessage.Text("note", $"n{n} {padding}"))]);
    }

    private static IEnumerable<string> Numbers(int from, int to) => Enumerable.Range(from, to - from + 1).Select(n => $"n{n}");
}
