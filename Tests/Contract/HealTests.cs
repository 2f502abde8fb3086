using EventStreams;
using EventStreams.Log;
using Microsoft.Extensions.DependencyInjection;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>How often, and how many at a time, a replica reads logs to find what it has not heard.</summary>
public sealed class HealTests(RedisServers servers) : IAsyncLifetime
{
    private static readonly Topic Topic = Topic.Parse("silent");

    private readonly string _keyPrefix = RedisServers.CreateKeyPrefix();
    private RedisServer _server = null!;
    private Replica _replica = null!;
    private HeldEventLog _log = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await servers.GetAsync(RedisServerKind.Redis);
        _replica = await Replica.StartAsync(
            _server.ConnectionString,
            _keyPrefix,
            "a",
            isDirect: true,
            options =>
            {
                options.PageSize = 5;
                options.TailCheckInterval = TimeSpan.FromMinutes(1);
                options.SubscriptionLinger = TimeSpan.FromMinutes(1);
            },
            services =>
                services.AddSingleton<IEventLog>(provider => new HeldEventLog(ActivatorUtilities.CreateInstance<RedisEventLog>(provider)))
        );
        _log = (HeldEventLog)_replica.Log;
    }

    public ValueTask DisposeAsync() => _replica.DisposeAsync();

    [Fact]
    public async Task A_topic_is_looked_at_more_seldom_the_longer_it_is_silent_and_often_again_when_it_speaks()
    {
        await _replica.Hub.WarmAsync(Topic);
        Assert.InRange(await ReadsInAsync(checks: 4), 3, 4);
        await ReadsInAsync(checks: 600);
        Assert.InRange(await ReadsInAsync(checks: 160), 160 / 16, 160 / 8);
        await _replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "x"));
        await using var stream = await _replica.OpenAsync(Topic);
        Assert.Equal(["x"], await stream.TakeAsync(1));
        // The first check sees that the topic was heard of.
        Assert.InRange(await ReadsInAsync(checks: 5), 3, 4);
    }

    [Fact]
    public async Task After_a_lost_connection_every_topic_is_read_and_only_so_many_at_a_time()
    {
        const int Topics = 600;
        const int AtATime = 256;
        await Task.WhenAll(Enumerable.Range(0, Topics).Select(i => _replica.Hub.WarmAsync(Topic.Parse($"t{i}"))));
        var before = _log.Reads;
        _log.Hold();
        var healing = _replica.Hub.HealAllAsync("restored");
        await Eventually.HoldsAsync(() => _log.Reads - before >= AtATime, "the first topics are read");
        Assert.Equal(AtATime, _log.Reads - before);
        _log.LetGo();
        await healing.WaitAsync(Eventually.DefaultLimit);
        Assert.Equal(Topics, _log.Reads - before);
    }

    [Fact]
    public async Task All_that_is_missing_is_read_at_once_however_many_pages_it_has()
    {
        await _replica.Publisher.PublishAsync(Topic, EventMessage.Text("note", "heard"));
        await using var stream = await _replica.OpenAsync(Topic);
        Assert.Equal(["heard"], await stream.TakeAsync(1));
        string[] missed = [.. Enumerable.Range(1, 23).Select(i => $"{i}")];
        await SilentPublisher.PublishAsync(_server, _keyPrefix, Topic, missed);
        await _replica.Hub.HealAllAsync("restored").WaitAsync(Eventually.DefaultLimit);
        Assert.Equal(missed, await stream.TakeAsync(missed.Length));
    }

    private async Task<int> ReadsInAsync(int checks)
    {
        var before = _log.Reads;
        for (var i = 0; i < checks; i++)
            await _replica.Hub.CheckTailsAsync();
        return _log.Reads - before;
    }
}
