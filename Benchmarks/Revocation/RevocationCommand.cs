using System.Diagnostics;
using System.Globalization;
using Benchmarks.Faults;
using EventStreams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Revocation;

/// <summary>How long it takes from the call until every stream of a revoked topic has ended, over three replicas; also where every
/// subscription is cut just before it.</summary>
internal static class RevocationCommand
{
    private const int Replicas = 3;

    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = Arguments.Number(args, "--rounds", 5);
        var streams = Arguments.Number(args, "--streams", 300);
        await using var redis = await FaultRedis.StartAsync();
        using var replicas = new FaultReplicas(redis.ConnectionString, new Dictionary<string, string>());
        for (var i = 0; i < Replicas; i++)
            await replicas.AddAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Configuration["ConnectionStrings:redis"] = redis.ConnectionString;
        builder.AddEventPublisher("redis");
        using var host = builder.Build();
        var control = host.Services.GetRequiredService<IEventStreamControl>();
        // The first call makes the connection.
        await control.ReopenAsync(Topic.Parse("job:warm"));

        Console.WriteLine($"| {streams} streams on {Replicas} replicas | median ms | worst ms |");
        Console.WriteLine("|---|---:|---:|");
        foreach (var isCut in (bool[])[false, true])
        {
            var times = new List<double>();
            for (var round = 0; round < rounds; round++)
                times.Add(await RunAsync(redis, replicas, control, Topic.Parse($"job:{isCut}{round}"), streams, isCut));
            times.Sort();
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {(isCut ? "every subscription cut just before" : "as it is")} | {times[times.Count / 2]:0} | {times[^1]:0} |"
                )
            );
        }
        return 0;
    }

    private static async Task<double> RunAsync(
        FaultRedis redis,
        FaultReplicas replicas,
        IEventStreamControl control,
        Topic topic,
        int streams,
        bool isCut
    )
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var readers = new List<Task<string>>();
        for (var i = 0; i < streams; i++)
        {
            var response = await http.GetAsync(new Uri(replicas.Pick(), $"/streams/{topic}"), HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            readers.Add(response.Content.ReadAsStringAsync());
        }
        // Until they are all listed; a stream that begins during a revocation ends too, but is not what is measured.
        await Task.Delay(500);
        if (isCut)
            await redis.CutAsync("pubsub");
        var started = Stopwatch.GetTimestamp();
        await control.CloseAsync(topic);
        var bodies = await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30));
        var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return Array.TrueForAll(bodies, static body => body.Contains("stream.expired", StringComparison.Ordinal))
            ? took
            : throw new InvalidOperationException("A stream has ended without stream.expired.");
    }
}
