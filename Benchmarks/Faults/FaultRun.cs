using System.Diagnostics;
using Benchmarks.Publishing;
using EventStreams;

namespace Benchmarks.Faults;

/// <summary>Numbered events, readers that resume, and faults one after the other; at the end every reader's notes are judged.</summary>
internal sealed class FaultRun(FaultOptions options, Action<string> progress)
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LevelLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FreezeTime = TimeSpan.FromSeconds(3);

    /// <summary>Faults that take nothing from the log.</summary>
    public static readonly IReadOnlyList<Fault> Harmless =
    [
        new("nothing", _ => Task.CompletedTask),
        new(
            "replica killed",
            async bench =>
            {
                bench.Replicas.KillOne();
                await bench.Replicas.AddAsync();
            }
        ),
        new(
            "replica drained",
            async bench =>
            {
                await bench.Replicas.DrainOneAsync();
                await bench.Replicas.AddAsync();
            }
        ),
        new("subscriptions cut", bench => bench.Redis.CutSubscriptionsAsync()),
        new("Redis frozen 3 s", bench => bench.Redis.FreezeAsync(FreezeTime)),
        new("Redis restarted", bench => RestartAsync(bench, keepsData: true)),
        new("Redis away 3 s, replica killed", bench => LoseBothAsync(bench, keepsData: true)),
    ];

    /// <summary>Faults after which the log is gone.</summary>
    public static readonly IReadOnlyList<Fault> Losing =
    [
        new("Redis restarted empty", bench => RestartAsync(bench, keepsData: false)),
        new("Redis empty after 3 s, replica killed", bench => LoseBothAsync(bench, keepsData: false)),
    ];

    public async Task<FaultOutcome> RunAsync(IReadOnlyList<Fault> faults)
    {
        await using var redis = await FaultRedis.StartAsync();
        using var replicas = new FaultReplicas(redis, options.ReplicaSettings);
        await Task.WhenAll(Enumerable.Range(0, options.Replicas).Select(_ => replicas.AddAsync()));
        using var host = PublisherUnderTest.BuildHost(redis.ConnectionString);
        var publisher = host.Services.GetRequiredService<IEventPublisher>();
        var topics = Enumerable.Range(1, options.Topics).Select(n => $"numbers:{n}").ToList();
        using var http = new HttpClient(
            new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, ConnectTimeout = TimeSpan.FromSeconds(5) }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var readers = Enumerable
            .Range(0, options.Readers)
            .Select(i => new ResumingReader(http, replicas, topics[i % topics.Count]))
            .ToList();
        var producers = topics.Select(topic => new NumberProducer(publisher, topic, options.Pace)).ToList();

        using var stopReading = new CancellationTokenSource();
        using var stopPublishing = new CancellationTokenSource();
        var reading = readers.Select(reader => Task.Run(() => reader.RunAsync(stopReading.Token))).ToList();
        await HoldsAsync(() => readers.All(reader => reader.HasCursor), ReadyLimit);
        var publishing = producers.Select(producer => Task.Run(() => producer.RunAsync(stopPublishing.Token))).ToList();

        var stalls = new List<(string, TimeSpan)>();
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var fault in faults)
            {
                progress($"[{round}/{options.Rounds}] {fault.Name}");
                await Task.Delay(options.Calm);
                readers.ForEach(reader => reader.TakeStall());
                await fault.DoAsync(new FaultBench(redis, replicas));
                // Past the fault, every reader has to come to what was published after it before the next one begins.
                var reached = producers.ToDictionary(p => p.Topic, p => p.Newest + 1);
                await HoldsAsync(() => readers.All(r => r.Newest >= reached[r.Topic]), LevelLimit);
                stalls.Add((fault.Name, readers.Max(reader => reader.TakeStall())));
            }
        }
        await stopPublishing.CancelAsync();
        await Task.WhenAll(publishing);
        var newest = producers.ToDictionary(p => p.Topic, p => p.Newest);
        await HoldsAsync(() => readers.All(r => r.Newest == newest[r.Topic]), LevelLimit);
        // Whatever would come twice or too late shall have the time to.
        await Task.Delay(options.Calm);
        await stopReading.CancelAsync();
        await Task.WhenAll(reading);
        return FaultOutcome.Of(readers, producers, stalls);
    }

    private static async Task RestartAsync(FaultBench bench, bool keepsData)
    {
        bench.Redis.Kill();
        await bench.Redis.StartAgainAsync(keepsData);
    }

    private static async Task LoseBothAsync(FaultBench bench, bool keepsData)
    {
        bench.Redis.Kill();
        bench.Replicas.KillOne();
        await Task.Delay(FreezeTime);
        await bench.Redis.StartAgainAsync(keepsData);
        await bench.Replicas.AddAsync();
    }

    // A run that does not get there goes on all the same: its outcome says who stayed behind.
    private static async Task HoldsAsync(Func<bool> condition, TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition() && Stopwatch.GetElapsedTime(started) < limit)
            await Task.Delay(20);
    }
}

/// <summary>What faults are done to.</summary>
internal sealed record FaultBench(FaultRedis Redis, FaultReplicas Replicas);

/// <summary>Something that goes wrong, and is right again at the end.</summary>
internal sealed record Fault(string Name, Func<FaultBench, Task> DoAsync);
