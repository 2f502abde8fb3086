using System.Diagnostics;
using System.Globalization;
using System.Net;
using Benchmarks.Fanout;
using Benchmarks.Load;
using EventStreams;
using EventStreams.Http;

namespace Benchmarks.Downloads;

/// <summary>How fast an app with event streams serves a large file beside them: by a server as it comes, by one that is set up for streams,
/// and by that one with streams open.</summary>
internal static class DownloadCommand
{
    private const int Megabytes = 100;

    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = Arguments.Number(args, "--rounds", 3);
        var streams = Arguments.Number(args, "--streams", 1000);
        using var redis = await RedisUnderTest.StartAsync();
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, new byte[Megabytes * 1024 * 1024]);
        Console.WriteLine(
            $"| a file of {Megabytes} MB, s | the server as it comes | set up for streams | with {streams} streams, silent | the same, 20 "
                + "events/s to all |"
        );
        Console.WriteLine("|---|---:|---:|---:|---:|");
        for (var round = 1; round <= rounds; round++)
        {
            var plain = await WithAsync(isForStreams: false, 0);
            var set = await WithAsync(isForStreams: true, 0);
            var silent = await WithAsync(isForStreams: true, streams);
            var live = await WithAsync(isForStreams: true, streams, isLive: true);
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"| round {round} | {plain:0.00} | {set:0.00} | {silent:0.00} | {live:0.00} |")
            );
        }
        File.Delete(file);
        return 0;

        async Task<double> WithAsync(bool isForStreams, int open, bool isLive = false)
        {
            await using var app = await StartAsync(redis, file, isForStreams);
            var address = new Uri(app.Urls.Single());
            using var crowd = new StreamCrowd();
            await crowd.OpenAsync(
                [
                    .. Enumerable.Repeat(
                        (new IPEndPoint(IPAddress.Loopback, address.Port), "GET /streams/t HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                        open
                    ),
                ],
                64
            );
            using var http = new HttpClient { BaseAddress = address };
            await DownloadAsync(http);
            using var stop = new CancellationTokenSource();
            var publishing = isLive ? PublishAsync(app.Services.GetRequiredService<IEventPublisher>(), stop.Token) : Task.CompletedTask;
            var seconds = await DownloadAsync(http);
            await stop.CancelAsync();
            await publishing;
            return seconds;
        }
    }

    private static async Task<WebApplication> StartAsync(RedisUnderTest redis, string file, bool isForStreams)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Configuration["ConnectionStrings:redis"] = redis.ConnectionString;
        builder.AddEventStreams("redis");
        if (isForStreams)
            builder.WebHost.UseEventStreamTransport();
        builder.WebHost.UseUrls($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var app = builder.Build();
        app.MapEventStream("/streams/{topic}");
        app.MapGet("/file", () => TypedResults.PhysicalFile(file));
        await app.StartAsync();
        return app;
    }

    private static async Task<double> DownloadAsync(HttpClient http)
    {
        var started = Stopwatch.GetTimestamp();
        await using var body = await http.GetStreamAsync(new Uri("/file", UriKind.Relative));
        var buffer = new byte[256 * 1024];
        long length = 0;
        while (await body.ReadAsync(buffer) is > 0 and var read)
            length += read;
        return length == Megabytes * 1024L * 1024
            ? Stopwatch.GetElapsedTime(started).TotalSeconds
            : throw new InvalidOperationException($"{length} bytes came.");
    }

    private static async Task PublishAsync(IEventPublisher publisher, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await publisher.PublishAsync(Topic.Parse("t"), EventMessage.Text("message", "x"), cancellationToken: CancellationToken.None);
            await Task.Delay(50, CancellationToken.None);
        }
    }
}
