using System.Diagnostics;
using Microsoft.Extensions.Options;
using Subtitles.Formats;
using Subtitles.Jobs;
using Subtitles.Media;
using Subtitles.Transcription;
using Tests.Fixtures;
using Worker;

namespace Tests.Integration.Worker;

/// <summary>A job ends soon after its cancel, whatever its worker is busy with.</summary>
public sealed class CancelTests(RedisServers servers, ITestOutputHelper output) : IAsyncLifetime
{
    // A second on a machine that is not busy otherwise: the output has the figure. What this guards against took minutes.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder _folder = new();
    private PlaylistServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await PlaylistServer.StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("fetch")]
    [InlineData("live")]
    [InlineData("side file")]
    [InlineData("speech")]
    [InlineData("realtime")]
    public async Task It_stops_at_once(string stage)
    {
        SpeechTools.Require("ffmpeg", "ffprobe", "pocketsphinx_batch");
        var options = Options.Create(new MediaOptions { Path = _folder["media"], AllowedHosts = [PlaylistServer.Allowed] });
        await using var bench = await WorkerBench.CreateAsync(servers);
        var store = new FolderMediaStore(options);
        var intake = new MediaIntake(store, options);
        using var fetcher = new MediaFetcher(new SourceAddressGuard(options), intake, options, TimeProvider.System);
        var media = new MediaLocator(new SampleCatalog(), store, new LiveMediaStore(options, TimeProvider.System), fetcher, bench.Queue);
        var request = await MakeAsync(stage, intake);
        var id = (await bench.Commands.SubmitAsync(request, null, default)).Job.Id;
        var tools = SpeechTools.Tools(options.Value);
        var runner = bench.CreateRunner(
            SpeechTools.Selector(
                new Subtitles.Transcription.Embedded.EmbeddedTranscriber(tools),
                new Subtitles.Transcription.PocketSphinx.PocketSphinxTranscriber(tools, Options.Create(SpeechTools.Options))
            ),
            media: media
        );
        var run = bench.RunNextAsync(runner);
        await Eventually.HoldsAsync(async () => (await bench.Queue.GetAsync(id, default))!.Status == JobStatus.Running, "the job runs");
        if (stage != "fetch")
            await Eventually.HoldsAsync(
                async () => (await bench.CourseAsync(id)).Contains(JobEvents.Started, StringComparison.Ordinal),
                "the engine is at work"
            );
        // Well into the stage.
        await Task.Delay(TimeSpan.FromMilliseconds(700));

        var clock = Stopwatch.StartNew();
        await bench.Commands.CancelAsync(id, default);
        await Eventually.HoldsAsync(
            async () => (await bench.Queue.GetAsync(id, default))!.Status == JobStatus.Canceled,
            "the job is canceled"
        );
        output.WriteLine($"{stage}: canceled after {clock.ElapsedMilliseconds} ms");
        Assert.True(clock.Elapsed < Limit, $"It took {clock.Elapsed}.");
        await run;
    }

    private async Task<JobRequest> MakeAsync(string stage, MediaIntake intake)
    {
        switch (stage)
        {
            case "fetch":
                return new JobRequest($"{_server.Address}drip-media", "en", JobPace.Fast, null, stage);
            case "live":
                await ToneSpeech.WriteAsync(_folder["speech.wav"], 10);
                await SpeechTools.MakeAsync("-i", _folder["speech.wav"], "-c:a", "mp2", "-f", "mpegts", _folder["piece.ts"]);
                _server.Playlists["live.m3u8"] = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\npiece.ts\n";
                return new JobRequest($"{_server.Address}live.m3u8", "en", JobPace.Realtime, null, stage);
            case "side file":
                var text = string.Concat(Enumerable.Repeat("a b ", SubtitleLimits.Default.MaxCueCharacters / 4 - 1));
                var file = string.Concat(
                    Enumerable
                        .Range(0, 2000)
                        .Select(i =>
                            $"{i + 1}\n{i / 3600:00}:{i / 60 % 60:00}:{i % 60:00},000 --> "
                            + $"{i / 3600:00}:{i / 60 % 60:00}:{i % 60:00},900\n{text}\n\n"
                        )
                );
                var side = await intake.SaveSideFileAsync(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(file)), default);
                return new JobRequest("sample:tour", "en", JobPace.Fast, "upload:" + side, stage);
            default:
                return new JobRequest(
                    stage == "speech" ? "sample:tour-speech" : "sample:tour",
                    "en",
                    stage == "speech" ? JobPace.Fast : JobPace.Realtime,
                    null,
                    stage
                );
        }
    }
}
