using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Subtitles.Formats;
using Tests.Fixtures;
using Tests.Integration.Worker;

namespace Tests.Browser;

/// <summary>The subtitles of a job in a player that knows nothing of it: hls.js, as npm has it.</summary>
public sealed class HlsTests(RedisServers servers, Chromium chromium) : IClassFixture<Chromium>
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "Samples");

    [Fact]
    public async Task A_player_shows_the_cues_while_the_job_makes_them()
    {
        SpeechTools.Require("ffmpeg");
        var player = await NpmPackage.ReadAsync("hls.js", "1.6.13", "dist/hls.min.js");
        using var folder = new TemporaryFolder();
        await SpeechTools.MakeAsync(
            "-i",
            Path.Combine(Samples, "tour.webm"),
            "-c",
            "copy",
            "-strict",
            "-2",
            "-f",
            "hls",
            "-hls_segment_type",
            "fmp4",
            "-hls_playlist_type",
            "vod",
            "-hls_time",
            "4",
            folder["film.m3u8"]
        );
        var server = await servers.GetAsync(RedisServerKind.Redis);
        var prefix = RedisServers.CreateKeyPrefix();
        Dictionary<string, string> settings = new()
        {
            ["EventStreams__KeyPrefix"] = prefix,
            ["Jobs__KeyPrefix"] = prefix,
            ["Worker__RealtimeSpeed"] = "4",
        };
        await using var api = await ApiProcess.StartAsync(server.ConnectionString, settings);
        await using var worker = await WorkerProcess.StartAsync(server, settings);
        using var response = await api.Client.PostAsJsonAsync(
            "/jobs",
            new { source = "sample:tour", pace = "realtime" },
            TestContext.Current.CancellationToken
        );
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        const string Chosen = "DEFAULT=YES,AUTOSELECT=YES";
        var job = $"/jobs/{answer.GetProperty("id").GetString()}";
        await File.WriteAllTextAsync(
            folder["master.m3u8"],
            $"""
            #EXTM3U
            #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subs",NAME="English",LANGUAGE="en",{Chosen},URI="{job}/subtitles/playlist.m3u8"
            #EXT-X-STREAM-INF:BANDWIDTH=800000,CODECS="vp09.00.10.08,opus",SUBTITLES="subs"
            film.m3u8
            """,
            TestContext.Current.CancellationToken
        );
        await using var site = await ServeAsync(player, folder.Path, api.Client);

        await using var window = await chromium.OpenAsync(new Uri(site.Urls.Single()));
        await Eventually.HoldsAsync(
            async () => (await api.Client.GetStringAsync($"{job}/subtitles/playlist.m3u8")).Contains("0.vtt", StringComparison.Ordinal),
            "the first segment is named"
        );
        await window.Page.GotoAsync("/");
        await window.UntilAsync("shown().length > 0");
        Assert.Contains("running", await api.Client.GetStringAsync(job, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var expected = WebVtt.Parse(await File.ReadAllTextAsync(Path.Combine(Samples, "tour.vtt"), TestContext.Current.CancellationToken));
        await window.UntilAsync($"shown().length >= {expected.Count}");
        var shown = (await window.EvaluateAsync<string[]>("shown()")).Select(line => line.Split(' ', 2)).ToArray();
        Assert.Equal(expected.Select(c => c.Text), shown.Select(line => line[1]));
        // A player counts in ticks of 90 kHz, and what it shows is rounded.
        Assert.All(
            expected.Zip(shown),
            pair => Assert.Equal(pair.First.StartMs / 1000.0, double.Parse(pair.Second[0], CultureInfo.InvariantCulture), 0.02)
        );
        Assert.Equal("", await window.EvaluateAsync<string>("fatal"));
    }

    private static async Task<WebApplication> ServeAsync(string player, string folder, HttpClient api)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapGet(
            "/",
            () =>
                Results.Content(
                    """
                    <!doctype html><link rel=icon href=data:,><title>Player</title><video muted></video>
                    <script src="hls.js"></script><script>
                    const video = document.querySelector('video');
                    let fatal = '';
                    const hls = new Hls({ maxBufferLength: 60, subtitlePreference: { lang: 'en' } });
                    hls.on(Hls.Events.ERROR, (_, { fatal: isFatal, details }) => { if (isFatal) fatal = details; });
                    hls.loadSource('master.m3u8');
                    hls.attachMedia(video);
                    video.play();
                    const shown = () => [...video.textTracks].flatMap(track => [...track.cues ?? []])
                      .map(cue => [cue.startTime, cue.text]).sort((a, b) => a[0] - b[0])
                      .map(([start, text]) => `${start.toFixed(2)} ${text}`);
                    </script>
                    """,
                    "text/html"
                )
        );
        app.MapGet("/hls.js", () => Results.Text(player, "text/javascript"));
        app.MapGet(
            "/{name}",
            (string name) =>
                File.Exists(Path.Combine(folder, name))
                    ? Results.File(Path.Combine(folder, name), enableRangeProcessing: true)
                    : Results.NotFound()
        );
        app.MapGet(
            "/jobs/{**path}",
            async (string path, HttpContext context) =>
            {
                using var answer = await api.GetAsync($"/jobs/{path}{context.Request.QueryString}", context.RequestAborted);
                context.Response.StatusCode = (int)answer.StatusCode;
                context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
                await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            }
        );
        await app.StartAsync();
        return app;
    }
}
