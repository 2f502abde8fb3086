using System.Diagnostics;
using Benchmarks.Publishing;
using EventStreams;
using HistoryChecker;

namespace Benchmarks.Faults;

/// <summary>Numbered events, readers that resume, and faults one after the other; at the end every reader's notes are judged.</summary>
/// <param name="options">Its size.</param>
/// <param name="progress">Told of each fault.</param>
/// <param name="garnet">The file of Garnet, for faults that need it.</param>
internal sealed class FaultRun(FaultOptions options, Action<string> progress, string? garnet = null)
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LevelLimit = TimeSpan.FromSeconds(90);

    /// <summary>Does faults of one setup.</summary>
    public async Task<FaultOutcome> RunAsync(IReadOnlyList<Fault> faults)
    {
        var setup = faults[0].Setup;
        await using var servers = await StartServersAsync(setup);
        using var replicas = new FaultReplicas(servers.ConnectionString, options.ReplicaSettings);
        await Task.WhenAll(Enumerable.Range(0, options.Replicas).Select(_ => replicas.AddAsync()));
        using var nginx = setup == FaultSetup.Nginx ? await FaultNginx.StartAsync(replicas.Ports) : null;
        using var host = PublisherUnderTest.BuildHost(servers.ConnectionString);
        using var history = options.HistoryFile is null ? null : new HistoryWriter(options.HistoryFile);
        var publisher = host.Services.GetRequiredService<IEventPublisher>();
        var topics = Enumerable.Range(1, options.Topics).Select(n => $"numbers:{n}").ToList();
        using var http = CreateClient();
        var readers = Enumerable.Range(0, options.Readers).Select(Reader).ToList();
        var producers = topics.Select(topic => new NumberProducer(publisher, topic, options.Pace, history)).ToList();

        using var stopReading = new CancellationTokenSource();
        using var stopPublishing = new CancellationTokenSource();
        var reading = readers.Select(reader => Task.Run(() => reader.RunAsync(stopReading.Token))).ToList();
        await HoldsAsync(() => readers.All(reader => reader.HasCursor), ReadyLimit);
        var publishing = producers.Select(producer => Task.Run(() => producer.RunAsync(stopPublishing.Token))).ToList();

        var bench = new FaultBench(
            servers,
            replicas,
            readers,
            [.. topics.Select(Topic.Parse)],
            publisher,
            () => producers.Sum(producer => producer.Retries),
            nginx
        );
        var done = new List<(Fault, FaultFigures)>();
        var marks = readers.ConvertAll(_ => new List<int>());
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var fault in faults)
            {
                await Task.Delay(options.Calm);
                var figures = await DoAsync(fault, bench, producers);
                done.Add((fault, figures));
                for (var i = 0; i < readers.Count; i++)
                    marks[i].Add(readers[i].Seen.Count);
                progress($"[{round}/{options.Rounds}] {fault.Setup}, {fault.Name}: worst stall {figures.WorstStall.TotalSeconds:0.0} s");
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
        for (var i = 0; i < readers.Count; i++)
            history?.Leave($"r{i}", readers[i].Topic, isComplete: true);
        return FaultOutcome.Of(readers, producers, done, marks);

        ResumingReader Reader(int i)
        {
            var topic = topics[i % topics.Count];
            return new ResumingReader($"r{i}", topic, http, () => new Uri(nginx?.Address ?? replicas.Pick(), $"/streams/{topic}"), history);
        }
    }

    /// <summary>Streams have a connection each, as a browser's have behind a balancer.</summary>
    public static HttpClient CreateClient() =>
        new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, ConnectTimeout = TimeSpan.FromSeconds(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };

    private async Task<IFaultServers> StartServersAsync(FaultSetup setup) =>
        setup switch
        {
            FaultSetup.Pair => await FaultPair.StartAsync(),
            FaultSetup.Cluster => await FaultCluster.StartAsync(),
            FaultSetup.Garnet => await FaultRedis.StartAsync(
                garnet ?? throw new InvalidOperationException("Where Garnet is has to be said.")
            ),
            _ => await FaultRedis.StartAsync(),
        };

    private static async Task<FaultFigures> DoAsync(Fault fault, FaultBench bench, List<NumberProducer> producers)
    {
        foreach (var reader in bench.Readers)
            reader.TakeStall();
        var retries = bench.Retries();
        await fault.DoAsync(bench);
        // Past the fault, every reader has to come to what was published after it before the next one begins.
        var reached = producers.ToDictionary(p => p.Topic, p => p.Newest + 1);
        await HoldsAsync(() => bench.Readers.All(r => r.Newest >= reached[r.Topic]), LevelLimit);
        return new FaultFigures
        {
            Behind = bench.Readers.Count(r => r.Newest < reached[r.Topic]),
            Retries = bench.Retries() - retries,
            WorstStall = bench.Readers.Max(reader => reader.TakeStall()),
        };
    }

    // A run that does not get there goes on all the same: its outcome says who stayed behind.
    private static async Task HoldsAsync(Func<bool> condition, TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition() && Stopwatch.GetElapsedTime(started) < limit)
            await Task.Delay(20);
    }
}
