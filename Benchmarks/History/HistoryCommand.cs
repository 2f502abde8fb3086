using System.Diagnostics;
using System.Globalization;
using System.Net;
using Benchmarks.Fanout;
using EventStreams;
using EventStreams.Http;
using StackExchange.Redis;

namespace Benchmarks.History;

/// <summary>What a crowd that joins and reads the whole history costs Redis: straight from the replicas, and through nginx with its cache
/// on. Somebody publishes all the while.</summary>
internal static class HistoryCommand
{
    private const int Replicas = 2;
    private const int AtATime = 64;
    private const int PageLimit = 100;

    // Not a multiple of the limit, so that the newest page is never full.
    private const int Events = 950;
    private static readonly TimeSpan PublishInterval = TimeSpan.FromMilliseconds(100);
    private static readonly Topic Topic = Topic.Parse("history");

    public static async Task<int> RunAsync(string[] args)
    {
        var joiners = Arguments.Number(args, "--joiners", 10_000);
        var results = new List<HistoryCost>();
        foreach (var isCached in (bool[])[false, true])
        {
            // Without a cache it is the same for each of them: fewer show it.
            results.Add(await MeasureAsync(isCached ? joiners : Math.Max(1, joiners / 20), isCached));
            Console.WriteLine(results[^1]);
        }
        await Arguments.WriteJsonAsync(args, results);
        return 0;
    }

    private static async Task<HistoryCost> MeasureAsync(int joiners, bool isCached)
    {
        using var redis = await RedisUnderTest.StartAsync();
        var reached = new StrongCount();
        var apps = new List<WebApplication>();
        for (var i = 0; i < Replicas; i++)
            apps.Add(await StartReplicaAsync(redis.ConnectionString, reached));
        try
        {
            using var proxy = await CachingProxy.StartAsync(apps.Select(app => new Uri(app.Urls.Single())), isCached);
            var publisher = apps[0].Services.GetRequiredService<IEventPublisher>();
            await publisher.PublishAsync(
                Topic,
                [.. Enumerable.Range(1, Events).Select(n => EventMessage.Text("note", $"{n} {new string('x', 200)}"))]
            );
            await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");
            await admin.GetServers()[0].ConfigResetStatisticsAsync();

            using var stop = new CancellationTokenSource();
            var publishing = PublishAsync(publisher, stop.Token);
            using var client = new HttpClient(
                new SocketsHttpHandler { MaxConnectionsPerServer = AtATime, AutomaticDecompression = DecompressionMethods.None }
            )
            {
                BaseAddress = proxy.Address,
            };
            var requests = 0L;
            var started = Stopwatch.GetTimestamp();
            await Parallel.ForAsync(
                0,
                joiners,
                new ParallelOptions { MaxDegreeOfParallelism = AtATime },
                async (_, cancellation) =>
                    Interlocked.Add(ref requests, await new Joiner(client, Topic, PageLimit).ReadAllAsync(Events, cancellation))
            );
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await stop.CancelAsync();
            var published = await publishing;
            // Every read of a log asks once for its length, and nothing else does.
            var reads = (await admin.GetServers()[0].InfoAsync("commandstats"))
                .SelectMany(group => group)
                .Where(pair => pair.Key == "cmdstat_llen")
                .Sum(pair => long.Parse(pair.Value.Split('=', ',')[1], CultureInfo.InvariantCulture));
            return new HistoryCost(isCached, joiners, requests, reached.Value, reads, published, seconds);
        }
        finally
        {
            foreach (var app in apps)
                await app.DisposeAsync();
        }
    }

    private static async Task<WebApplication> StartReplicaAsync(string redis, StrongCount reached)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Configuration["ConnectionStrings:redis"] = redis;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.AddEventStreams("redis");
        var app = builder.Build();
        app.Use(
            (context, next) =>
            {
                reached.Add();
                return next(context);
            }
        );
        app.MapEventHistory("/streams/{topic}/events");
        await app.StartAsync();
        return app;
    }

    private static async Task<long> PublishAsync(IEventPublisher publisher, CancellationToken stop)
    {
        var published = 0L;
        using var timer = new PeriodicTimer(PublishInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await publisher.PublishAsync(
                    Topic,
                    EventMessage.Text("note", $"live {published}"),
                    cancellationToken: CancellationToken.None
                );
                published++;
            }
        }
        catch (OperationCanceledException) { }
        return published;
    }

    // Requests of all replicas.
    private sealed class StrongCount
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Add() => Interlocked.Increment(ref _value);
    }
}

/// <summary>What a crowd cost.</summary>
/// <param name="IsCached">Whether the proxy's cache was on.</param>
/// <param name="Joiners">Clients that read the whole history.</param>
/// <param name="Requests">Their requests.</param>
/// <param name="ReachedReplicas">Requests that reached a replica.</param>
/// <param name="RedisReads">Reads of Redis.</param>
/// <param name="Published">Events published meanwhile.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record HistoryCost(
    bool IsCached,
    int Joiners,
    long Requests,
    long ReachedReplicas,
    long RedisReads,
    long Published,
    double Seconds
)
{
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(IsCached ? "nginx with its cache" : "nginx without a cache")}: {Joiners} joiners, {Requests} requests in {Seconds:0.0} s, "
                + $"{ReachedReplicas} reached a replica, {RedisReads} reads of Redis ({Published} events published meanwhile)"
        );
}
