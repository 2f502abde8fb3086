using System.Diagnostics;
using System.Globalization;
using Benchmarks.Fanout;
using EventStreams;
using EventStreams.Bus;
using StackExchange.Redis;

namespace Benchmarks;

/// <summary>What it costs a replica to be subscribed to many topics: time to join them all, memory for each, and the time to be whole again
/// after its subscription connection was cut.</summary>
internal static class SubscriptionsCommand
{
    private const int AtATime = 500;

    public static async Task<int> RunAsync(string[] args)
    {
        var topics = Arguments.Number(args, "--topics", 100_000);
        using var redis = await RedisUnderTest.StartAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Configuration["ConnectionStrings:redis"] = redis.ConnectionString;
        builder.AddEventStreams("redis", options => options.SubscriptionLinger = TimeSpan.FromHours(1));
        await using var app = builder.Build();
        var hub = app.Services.GetRequiredService<IEventStreamHub>();
        await hub.WarmAsync(Topic.Parse("warm"));

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(
            0,
            topics,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime },
            async (i, cancellation) =>
                await hub.WarmAsync(Topic.Parse(string.Create(CultureInfo.InvariantCulture, $"topic:{i}")), cancellation)
        );
        var joined = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)topics;

        var restored = new TaskCompletionSource();
        app.Services.GetRequiredService<RedisEventBus>().Disturbed += _ => restored.TrySetResult();
        await using var admin = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString + ",allowAdmin=true");
        started = Stopwatch.GetTimestamp();
        await admin.GetServers()[0].ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await restored.Task.WaitAsync(TimeSpan.FromMinutes(1));
        var back = Stopwatch.GetElapsedTime(started).TotalSeconds;

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{topics} topics: joined in {joined:0.00} s ({joined / topics * 1e6:0} µs each), {bytes:0} bytes of managed memory each, "
                    + $"subscribed again {back:0.00} s after a cut"
            )
        );
        return 0;
    }
}
