using System.Net;
using EventStreams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>Several instances of the library in one app: topics of the same name, and all else, stay apart.</summary>
public sealed class InstanceTests(RedisServers servers) : IAsyncLifetime
{
    private static readonly Topic News = Topic.Parse("news");

    private readonly List<IAsyncDisposable> _started = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
            await started.DisposeAsync();
    }

    [Theory]
    [InlineData("key prefixes")]
    [InlineData("databases")]
    [InlineData("servers")]
    public async Task Streams_events_and_history_stay_apart_on_every_replica(string apartBy)
    {
        var (one, other) = await StartAsync(apartBy);
        await using var ofA = await other.OpenAsync("a", $"/{News}");
        await using var ofB = await one.OpenAsync("b", $"/{News}");
        await using var severalOfB = await other.OpenAsync("b", $"?topic=beside&topic={News}");
        await one.PublishAsync("a", News, "a1");
        await other.PublishAsync("b", News, "b1");
        await other.Of<IEventPublisher>("a").PublishAsync(News, EventMessage.Text("note", "a2"));
        await one.Of<IEventPublisher>("b").PublishAsync(News, EventMessage.Text("note", "b2"));
        Assert.Equal(["a1", "a2"], await ofA.TakeAsync(2));
        Assert.Equal(["b1", "b2"], await ofB.TakeAsync(2));
        Assert.Equal(["b1", "b2"], await severalOfB.TakeAsync(2));
        Assert.Equal(["a1", "a2"], await other.HistoryAsync("a", News));
        Assert.Equal(["b1", "b2"], await other.HistoryAsync("b", News));
        Assert.Equal(2, (await one.Of<IEventLog>("b").GetPositionAsync(News)).Tail?.Offset);

        // The end of the one is not the end of the other.
        await one.Of<IEventPublisher>("b").EndAsync(News);
        Assert.Equal(StreamEventTypes.End, (await ofB.NextAfterOpenAsync())?.Type);
        await one.PublishAsync("a", News, "a3");
        Assert.Equal(["a3"], await ofA.TakeAsync(1));
        Assert.Null(one.Services.GetService<IEventPublisher>());
    }

    [Fact]
    public async Task Presence_revocation_and_tickets_stay_apart_on_every_replica()
    {
        var (one, other) = await StartAsync("key prefixes");
        var ticket = await one.TicketAsync("a", News);
        await using var ofA = await other.OpenAsync("a", $"/{News}?ticket={ticket}");
        await using var alsoOfA = await one.OpenAsync("a", $"/{News}?presence=1");
        await using var ofB = await other.OpenAsync("b", $"/{News}?ticket={await one.TicketAsync("b", News)}");
        Assert.All([ofA, alsoOfA, ofB], stream => Assert.Equal(HttpStatusCode.OK, stream.Response.StatusCode));
        await using var astray = await other.OpenAsync("b", $"/{News}?ticket={ticket}");
        Assert.Equal(HttpStatusCode.Unauthorized, astray.Response.StatusCode);

        await Eventually.HoldsAsync(
            async () => (await CountAsync(one, "a"), await CountAsync(one, "b")) == (2, 1),
            "each counts its own streams"
        );
        await one.Of<IEventStreamControl>("a").CloseAsync(News);
        foreach (var stream in (SseStream[])[ofA, alsoOfA])
        {
            SseBlock? last;
            do last = await stream.NextAfterOpenAsync();
            while (last?.Type == StreamEventTypes.Presence);
            Assert.Equal(StreamEventTypes.Expired, last?.Type);
        }
        await using var refused = await other.OpenAsync("a", $"/{News}");
        Assert.Equal(HttpStatusCode.Forbidden, refused.Response.StatusCode);
        await one.PublishAsync("b", News, "b1");
        Assert.Equal(["b1"], await ofB.TakeAsync(1));

        static async Task<int> CountAsync(InstancesApp app, string key) =>
            (await app.Of<IStreamPresence>(key).GetSubscribersAsync(News)).Streams;
    }

    [Fact]
    public async Task An_instance_whose_server_is_away_leaves_the_other_as_it_is()
    {
        var own = await RedisServer.StartAsync(RedisServerKind.Redis);
        _started.Add(own);
        var (one, _) = await StartAsync("servers", own);
        await using var ofA = await one.OpenAsync("a", $"/{News}");
        await ofA.NextEventAsync();
        await own.KillAsync();
        await one.PublishAsync("a", News, "a1");
        Assert.Equal(["a1"], await ofA.TakeAsync(1));
        var report = await one.HealthAsync();
        Assert.Equal(
            ["event-streams-redis:a Healthy", "event-streams-redis:b Degraded", "event-streams:a Healthy", "event-streams:b Healthy"],
            report.Entries.Select(entry => $"{entry.Key} {entry.Value.Status}").Order(StringComparer.Ordinal)
        );
        Assert.Equal(HealthStatus.Degraded, report.Status);
    }

    [Fact]
    public async Task The_authorizer_of_the_app_is_asked_where_an_instance_has_none_of_its_own()
    {
        var (one, _) = await StartAsync(
            "key prefixes",
            add: services =>
            {
                services.AddSingleton<IStreamAuthorizer>(new TestAuthorizer((_, topic) => topic != News));
                services.AddKeyedSingleton<IStreamAuthorizer>("b", new TestAuthorizer((_, topic) => topic == News));
            }
        );
        foreach (
            var (key, topic, status) in ((string, string, HttpStatusCode)[])
                [
                    ("a", "news", HttpStatusCode.Unauthorized),
                    ("a", "other", HttpStatusCode.OK),
                    ("b", "news", HttpStatusCode.OK),
                    ("b", "other", HttpStatusCode.Unauthorized),
                ]
        )
        {
            await using var stream = await one.OpenAsync(key, $"/{topic}");
            Assert.Equal((key, topic, status), (key, topic, stream.Response.StatusCode));
        }
    }

    // Two replicas.
    private async Task<(InstancesApp One, InstancesApp Other)> StartAsync(
        string apartBy,
        RedisServer? serverOfB = null,
        Action<IServiceCollection>? add = null
    )
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        if (apartBy == "servers" && serverOfB is null)
            _started.Add(serverOfB = await RedisServer.StartAsync(RedisServerKind.Redis));
        var prefix = RedisServers.CreateKeyPrefix();
        var settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:redis-a"] = server.ConnectionString,
            ["ConnectionStrings:redis-b"] =
                serverOfB?.ConnectionString ?? server.ConnectionString + (apartBy == "databases" ? ",defaultDatabase=1" : ""),
            ["EventStreams:Instances:a:KeyPrefix"] = prefix,
            ["EventStreams:Instances:b:KeyPrefix"] = apartBy == "key prefixes" ? prefix + "b" : prefix,
        };
        var one = await InstancesApp.StartAsync(settings, add);
        _started.Add(one);
        var other = await InstancesApp.StartAsync(settings, add);
        _started.Add(other);
        return (one, other);
    }
}
