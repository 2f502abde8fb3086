using System.Diagnostics;
using Benchmarks.Publishing;
using EventStreams;

namespace Benchmarks.Faults;

/// <summary>Everything that can be made to go wrong here.</summary>
internal static class FaultCatalog
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private const int FillerBytes = 64 * 1024;
    private const string FillerType = "filler";

    public static IReadOnlyList<Fault> All =>
        [
            new(FaultSetup.Server, "nothing", _ => Task.CompletedTask),
            .. Replicas(FaultSetup.Server),
            new(FaultSetup.Server, "all replicas replaced, one after the other", ReplaceAllAsync),
            new(FaultSetup.Server, "a replica is out of file descriptors for 2 s", RunOutOfFilesAsync),
            .. Readers,
            .. Connections,
            .. States,
            new(FaultSetup.Server, "Redis killed and started again", bench => RestartAsync(bench, keepsData: true)),
            new(FaultSetup.Server, "Redis away for 2 s, a replica killed meanwhile", bench => LoseBothAsync(bench, keepsData: true)),
            new(FaultSetup.Server, "log trimmed while readers are away", TrimAsync, MayLose: true),
            new(FaultSetup.Server, "Redis comes back empty", bench => RestartAsync(bench, keepsData: false), MayLose: true),
            new(
                FaultSetup.Server,
                "Redis empty after 2 s, a replica killed meanwhile",
                bench => LoseBothAsync(bench, keepsData: false),
                MayLose: true
            ),
            .. Replicas(FaultSetup.Garnet),
            new(FaultSetup.Garnet, "Garnet frozen for 5 s", bench => bench.Redis.FreezeAsync(Long)),
            new(FaultSetup.Garnet, "Garnet comes back empty", bench => RestartAsync(bench, keepsData: false), MayLose: true),
            new(FaultSetup.Nginx, "nginx killed and started again", bench => bench.Nginx!.RestartAsync()),
            new(FaultSetup.Nginx, "nginx reloaded, with buffering left on, for 5 s", BufferAsync),
            new(FaultSetup.Pair, "failover to a copy that follows", bench => bench.Pair.FailOverAsync(), MayLose: true),
            new(FaultSetup.Pair, "failover to a copy that is 2 s old", FailOverToOlderAsync, MayLose: true),
            new(FaultSetup.Cluster, "planned failover", bench => bench.Cluster.SwapAsync(KeyOf(bench))),
            new(FaultSetup.Cluster, "slot moved to another primary", bench => bench.Cluster.MoveSlotAsync(KeyOf(bench))),
            new(FaultSetup.Cluster, "primary killed", bench => bench.Cluster.FailOverAsync(KeyOf(bench)), MayLose: true),
        ];

    /// <summary>The rows for a run in short form: those that take the least time, and need one Redis alone.</summary>
    public static IReadOnlyList<Fault> ShortOf(bool mayLose) =>
        [.. All.Where(fault => fault.Setup == FaultSetup.Server && fault.MayLose == mayLose)];

    private static IEnumerable<Fault> Replicas(FaultSetup setup) =>
        [
            new(
                setup,
                "a replica killed",
                async bench =>
                {
                    bench.Replicas.KillOne();
                    await bench.Replicas.AddAsync();
                }
            ),
            new(
                setup,
                "a replica drained",
                async bench =>
                {
                    await bench.Replicas.DrainOneAsync();
                    await bench.Replicas.AddAsync();
                }
            ),
        ];

    private static IEnumerable<Fault> Readers =>
        [
            new(
                FaultSetup.Server,
                "all readers cut off every 2 s, three times",
                async bench =>
                {
                    for (var i = 0; i < 3; i++)
                    {
                        foreach (var reader in bench.Readers)
                            reader.Cut();
                        await Task.Delay(Short);
                    }
                }
            ),
            new(
                FaultSetup.Server,
                "a quarter of a topic's readers stop reading for 5 s",
                async bench =>
                {
                    var readers = ReadersOf(bench, bench.Topics[0]);
                    var stuck = readers.Take(Math.Max(1, readers.Count / 4)).ToList();
                    stuck.ForEach(reader => reader.Pause());
                    await PublishFillerAsync(bench, count: 100);
                    await Task.Delay(Long);
                    stuck.ForEach(reader => reader.GoOn());
                }
            ),
        ];

    private static IEnumerable<Fault> Connections =>
        [
            new(FaultSetup.Server, "CLIENT KILL of all subscribers", bench => bench.Redis.CutAsync("pubsub")),
            new(FaultSetup.Server, "CLIENT KILL of all normal connections", bench => bench.Redis.CutAsync("normal")),
            new(
                FaultSetup.Server,
                "output buffers of subscribers overrun",
                async bench =>
                {
                    const string Setting = "client-output-buffer-limit";
                    await bench.Redis.ExecuteAsync("CONFIG", "SET", Setting, "pubsub 256kb 128kb 1");
                    var before = await bench.Redis.SubscribersAsync();
                    await PublishFillerAsync(bench, count: 20);
                    await HoldsAsync(async () => !(await bench.Redis.SubscribersAsync()).IsSupersetOf(before), "a subscriber is cut off");
                    await bench.Redis.ExecuteAsync("CONFIG", "SET", Setting, "pubsub 32mb 8mb 60");
                }
            ),
        ];

    private static IEnumerable<Fault> States =>
        [
            new(FaultSetup.Server, "Redis frozen for 5 s", bench => bench.Redis.FreezeAsync(Long)),
            new(
                FaultSetup.Server,
                "Redis out of memory for 2 s (noeviction)",
                bench =>
                    RefuseAsync(
                        bench,
                        () => bench.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", 1),
                        () => bench.Redis.ExecuteAsync("CONFIG", "SET", "maxmemory", 0)
                    )
            ),
            new(
                FaultSetup.Server,
                "Redis is a read-only replica for 2 s",
                bench =>
                    RefuseAsync(
                        bench,
                        () => bench.Redis.ExecuteAsync("REPLICAOF", "127.0.0.1", "1"),
                        () => bench.Redis.ExecuteAsync("REPLICAOF", "NO", "ONE")
                    )
            ),
            new(FaultSetup.Server, "append-only file cannot grow for 2 s (disk full)", FillDiskAsync),
        ];

    private static async Task ReplaceAllAsync(FaultBench bench)
    {
        for (var left = bench.Replicas.Count; left > 0; left--)
        {
            await bench.Replicas.DrainOneAsync();
            await bench.Replicas.AddAsync();
        }
    }

    // It keeps the streams that it has, and cannot take those that come.
    private static async Task RunOutOfFilesAsync(FaultBench bench)
    {
        var process = bench.Replicas.AnyProcess;
        foreach (var reader in bench.Readers)
            reader.Leave();
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        await ProcessLimit.FilesAsync(process, ProcessLimit.OpenFiles(process) + 3);
        foreach (var reader in bench.Readers)
            reader.GoOn();
        await Task.Delay(Short);
        await ProcessLimit.FilesAsync(process, null);
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
        await Task.Delay(Short);
        await bench.Redis.StartAgainAsync(keepsData);
        await bench.Replicas.AddAsync();
    }

    // What fails by every write would end a server that writes before it answers; one that writes each second refuses until it can again.
    private static Task FillDiskAsync(FaultBench bench) =>
        RefuseAsync(
            bench,
            async () =>
            {
                await bench.Redis.ExecuteAsync("CONFIG", "SET", "appendfsync", "everysec");
                await ProcessLimit.FileSizeAsync(bench.Redis.ProcessId, 1024);
            },
            async () =>
            {
                await ProcessLimit.FileSizeAsync(bench.Redis.ProcessId, null);
                await HoldsAsync(
                    async () =>
                        $"{await bench.Redis.ExecuteAsync("INFO", "persistence")}".Contains(
                            "aof_last_write_status:ok",
                            StringComparison.Ordinal
                        ),
                    "the file is written again"
                );
                await bench.Redis.ExecuteAsync("CONFIG", "SET", "appendfsync", "always");
            }
        );

    // A state in which writes are refused: it lasts until some were.
    private static async Task RefuseAsync(FaultBench bench, Func<Task> beginAsync, Func<Task> endAsync)
    {
        var before = bench.Retries();
        await beginAsync();
        await Task.Delay(Short);
        await HoldsAsync(() => Task.FromResult(bench.Retries() > before), "a publish is refused");
        await endAsync();
    }

    private static async Task TrimAsync(FaultBench bench)
    {
        foreach (var reader in bench.Readers)
            reader.Leave();
        await Task.Delay(Short);
        using var host = PublisherUnderTest.BuildHost(bench.Servers.ConnectionString, options => options.MaxLogLength = 5);
        foreach (var topic in bench.Topics)
            await RepeatAsync(() =>
                host.Services.GetRequiredService<IEventPublisher>().PublishAsync(topic, EventMessage.Text(FillerType, "x")).AsTask()
            );
        foreach (var reader in bench.Readers)
            reader.GoOn();
    }

    private static async Task BufferAsync(FaultBench bench)
    {
        bench.Nginx!.Reload(isBuffering: true);
        // Streams go on through the old worker; new ones come by the new.
        foreach (var reader in bench.Readers)
            reader.Cut();
        await Task.Delay(Long);
        bench.Nginx.Reload(isBuffering: false);
    }

    private static async Task FailOverToOlderAsync(FaultBench bench)
    {
        await bench.Pair.HoldCopyAsync();
        await Task.Delay(Short);
        // Only who has seen more than the copy has can be told that it is gone: a reader that lags behind the copy itself never knew of it.
        var newest = bench
            .Readers.GroupBy(reader => reader.Topic)
            .ToDictionary(topic => topic.Key, topic => topic.Max(reader => reader.Newest));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (bench.Readers.Any(reader => reader.Newest < newest[reader.Topic]))
            await Task.Delay(20, limit.Token);
        await bench.Pair.FailOverAsync();
    }

    private static string KeyOf(FaultBench bench) => $"{new EventStreamsOptions().KeyPrefix}:{{{bench.Topics[0].Name}}}";

    private static List<ResumingReader> ReadersOf(FaultBench bench, Topic topic) =>
        [.. bench.Readers.Where(reader => reader.Topic == topic.Name)];

    private static Task PublishFillerAsync(FaultBench bench, int count)
    {
        var filler = EventMessage.Text(FillerType, new string('x', FillerBytes));
        return RepeatAsync(() => bench.Publisher.PublishAsync(bench.Topics[0], [.. Enumerable.Repeat(filler, count)]).AsTask());
    }

    private static async Task RepeatAsync(Func<Task> publishAsync)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await publishAsync();
                return;
            }
            catch (EventStreamUnavailableException) when (Stopwatch.GetElapsedTime(started) < Limit)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task HoldsAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Limit)
                throw new InvalidOperationException($"The fault did not come about: not within {Limit.TotalSeconds:0} s: {what}.");
            await Task.Delay(50);
        }
    }
}
