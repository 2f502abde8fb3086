using System.Diagnostics;
using System.Globalization;
using Benchmarks.Fanout;
using Benchmarks.Load;
using StackExchange.Redis;

namespace Benchmarks.Soak;

/// <summary>Many streams of mixed topics for a long time, with viewers who come and go; what the servers hold is written down.</summary>
/// <param name="streams">Open streams at a time.</param>
/// <param name="replicas">Replicas of the Api.</param>
/// <param name="stay">How long a viewer stays, on the average.</param>
/// <param name="progress">Told of each sample.</param>
internal sealed class SoakRun(int streams, int replicas, TimeSpan stay, Action<string> progress)
{
    private const int EventsPerSecond = 60;
    private const int OpenAtATime = 64;
    private const double MiB = 1024 * 1024;

    // So short that all logs are soon as long as they get, and those of topics that nobody publishes to any more soon gone.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["EventStreams__LogTimeToLive"] = "00:00:30",
        ["EventStreams__MaxLogLength"] = "50",
    };

    // In a second.
    private readonly int _comeAndGo = Math.Max(1, (int)(streams / stay.TotalSeconds));

    /// <summary>Streams that a replica has closed.</summary>
    public int Lost { get; private set; }

    /// <summary>What the last of them was told, where it was told something.</summary>
    public string? TurnedAway { get; private set; }

    /// <summary>Viewers who came, those of the begin included.</summary>
    public int Came { get; private set; }

    /// <summary>Runs for a time, and writes down so many samples.</summary>
    public async Task<IReadOnlyList<SoakSample>> RunAsync(TimeSpan duration, int count)
    {
        using var redis = await RedisUnderTest.StartAsync();
        using var design = new EventStreamsDesign(settings: Settings);
        using var crowd = new StreamCrowd();
        var (topics, bench) = (new SoakTopics(streams), new Workbench(design, crowd, progress));
        await design.StartAsync(redis, replicas);
        await Workbench.WarmUpAsync(design);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");
        var started = Stopwatch.GetTimestamp();
        await bench.OpenAsync(Enumerable.Range(0, streams).Select(_ => Request(topics)));
        Came = streams;
        if (crowd.Lost > 0)
            progress($"{crowd.Lost} streams were closed by a replica while they were opened. {crowd.TurnedAway}");

        using var stop = new CancellationTokenSource();
        var publishing = RepeatAsync(() => bench.PublishPacedAsync(topics.ToPublish, EventsPerSecond, EventsPerSecond), stop.Token);
        var moving = RepeatAsync(() => ComeAndGoAsync(design, crowd, topics), stop.Token);
        var samples = new List<SoakSample>();
        for (var i = 1; i <= count; i++)
        {
            var (received, began) = (crowd.Received, Stopwatch.GetTimestamp());
            crowd.Latencies.Clear();
            var wait = duration * i / count - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
                await Task.WhenAny(Task.Delay(wait), publishing, moving);
            var rate = (crowd.Received - received) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            samples.Add(await SampleAsync(design, crowd, connection.GetServers()[0], Stopwatch.GetElapsedTime(started), rate));
            progress($"{samples[^1]}");
            if (publishing.IsFaulted || moving.IsFaulted)
                break;
        }
        await stop.CancelAsync();
        await Task.WhenAll(publishing, moving);
        (Lost, TurnedAway) = (crowd.Lost, crowd.TurnedAway);
        return samples;
    }

    private async Task ComeAndGoAsync(Design design, StreamCrowd crowd, SoakTopics topics)
    {
        crowd.Leave(_comeAndGo);
        await crowd.OpenAsync(await design.PrepareAsync([.. Enumerable.Range(0, _comeAndGo).Select(_ => Request(topics))]), OpenAtATime);
        Came += _comeAndGo;
    }

    // Not with what was there before they came: latencies are those of new events.
    private static string Request(SoakTopics topics) => topics.Pick() + "?from=head";

    // Once a second, or as often as it can be done.
    private static async Task RepeatAsync(Func<Task> doAsync, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
            await Task.WhenAll(doAsync(), Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None));
    }

    private static async Task<SoakSample> SampleAsync(Design design, StreamCrowd crowd, IServer redis, TimeSpan elapsed, double rate)
    {
        var info = (await redis.InfoAsync())
            .SelectMany(section => section)
            .DistinctBy(line => line.Key)
            .ToDictionary(line => line.Key, line => line.Value);
        return new SoakSample(
            elapsed.TotalMinutes,
            crowd.Open,
            design.ResidentBytes / MiB,
            design.Replicas.Sum(replica => replica.Handles()),
            design.Replicas.Sum(replica => replica.Threads()),
            Number("used_memory") / MiB,
            await redis.DatabaseSizeAsync(),
            (int)(Number("pubsub_channels") + Number("pubsubshard_channels")),
            rate,
            crowd.Latencies.Percentile(0.99)
        );

        long Number(string name) => info.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
    }
}
