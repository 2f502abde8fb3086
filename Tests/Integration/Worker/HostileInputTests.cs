using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Media;
using Subtitles.Transcription;
using Tests.Fixtures;
using Worker;

namespace Tests.Integration.Worker;

/// <summary>Two hundred inputs of people who mean no good, or have bad luck: each is refused or fails in a sentence, and the worker goes
/// on.</summary>
public sealed class HostileInputTests(RedisServers servers, ITestOutputHelper output) : IDisposable
{
    private const int Inputs = 200;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_gives_a_clear_failure_and_the_worker_goes_on()
    {
        SpeechTools.Require("ffmpeg", "ffprobe");
        await using var bench = await WorkerBench.CreateAsync(servers, maxAttempts: 1);
        var options = Options.Create(new MediaOptions { Path = _folder["media"], MaxUploadBytes = 1024 * 1024 });
        var store = new FolderMediaStore(options);
        var intake = new MediaIntake(store, options);
        using var fetcher = new MediaFetcher(new SourceAddressGuard(options), intake, options, TimeProvider.System);
        var locator = new MediaLocator(new SampleCatalog(), store, new LiveMediaStore(options, TimeProvider.System), fetcher, bench.Queue);
        // Without a recogniser: what is hostile reaches the decoder, and a sound file that is whole has no engine.
        var runner = bench.CreateRunner(SpeechTools.Selector(SpeechTools.Embedded, new SoundCounter()), media: locator);
        var files = await MakeMediaAsync();
        var random = new Random(17);
        var (refused, failed, completed) = (0, 0, 0);
        for (var i = 0; i < Inputs; i++)
        {
            var (name, media, sideFile) = Make(i, files, random);
            JobId id;
            try
            {
                var source = "upload:" + await intake.SaveMediaAsync(new MemoryStream(media), default);
                var side = sideFile is null ? null : "upload:" + await intake.SaveSideFileAsync(new MemoryStream(sideFile), default);
                id = (await bench.Commands.SubmitAsync(new JobRequest(source, "en", JobPace.Fast, side, name), null, default)).Job.Id;
            }
            catch (Exception e) when (e is UnsupportedMediaException or MediaTooLargeException)
            {
                Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
                refused++;
                continue;
            }
            await bench.RunNextAsync(runner);
            var job = (await bench.Queue.GetAsync(id, default))!;
            if (job.Status == JobStatus.Completed)
            {
                completed++;
                continue;
            }
            Assert.Equal(JobStatus.Failed, job.Status);
            Assert.False(string.IsNullOrWhiteSpace(job.Error));
            Assert.DoesNotContain("unexpected error", job.Error, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder.Path, job.Error, StringComparison.Ordinal);
            failed++;
        }
        output.WriteLine($"{refused} refused, {failed} failed, {completed} were readable all the same");
        Assert.True(refused >= 60 && failed >= 60, "The inputs should be hostile at both doors.");

        var good = await bench.SubmitAsync();
        await bench.RunNextAsync(runner);
        Assert.Equal(JobStatus.Completed, await bench.StatusAsync(good));
    }

    private async Task<byte[][]> MakeMediaAsync()
    {
        string[] names = ["a.webm", "a.mp4", "a.mp3", "a.wav", "a.ogg", "a.flac"];
        foreach (var name in names)
            await SpeechTools.MakeAsync("-f", "lavfi", "-i", "sine=duration=1", _folder[name]);
        return await Task.WhenAll(names.Select(n => File.ReadAllBytesAsync(_folder[n])));
    }

    private static (string Name, byte[] Media, byte[]? SideFile) Make(int number, byte[][] files, Random random)
    {
        var whole = files[random.Next(files.Length)];
        var broken = whole[..random.Next(Math.Min(600, whole.Length / 2))];
        var name = number % 3 == 0 ? "../../" + new string('\u202E', 50) + "\0.exe" : new string('n', 3000);
        return (number % 10) switch
        {
            0 => (name, broken, null),
            1 => (name, Scramble(whole, random), null),
            2 => (name, Zip(random), null),
            3 => (name, [.. whole[..12], .. Noise(random, 40_000)], null),
            4 => (name, Encoding.UTF8.GetBytes("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n<html>"), null),
            5 => (name, [.. "ID3\u0004\0\0"u8, 0x7F, 0x7F, 0x7F, 0x7F, .. Noise(random, 2000)], null),
            6 => (name, whole, BrokenVtt(random)),
            7 => (name, whole, Encoding.UTF8.GetBytes($"1\n00:00:0{random.Next(2, 9)},000 --> 00:00:01,000\nback in time\n")),
            8 => (name, whole, Noise(random, random.Next(0, 3000))),
            _ => (name, Noise(random, random.Next(0, 5000)), null),
        };
    }

    private static byte[] BrokenVtt(Random random) =>
        Encoding.UTF8.GetBytes(
            random.Next(4) switch
            {
                0 => "WEBVTT\n\n00:01.000 --> 00:0x.000\nno time\n",
                1 => "WEBVTT\n\nno cue and no note\n\n00:01.000 --> 00:02.000\nx\n",
                2 => "WEBVTT\n\n00:01.000 --> 00:02.000\n" + new string('x', 20_000),
                _ => "WEBVTT\n\n99:99:99.999 --> 00:00.000\nx\n",
            }
        );

    private static byte[] Scramble(byte[] whole, Random random)
    {
        var bytes = whole.ToArray();
        for (var i = 0; i < 200; i++)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    /// <summary>Little that unpacks to much.</summary>
    private static byte[] Zip(Random random)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = zip.CreateEntry($"film{random.Next()}.mp4", CompressionLevel.SmallestSize).Open())
            entry.Write(new byte[4 * 1024 * 1024]);
        return file.ToArray();
    }

    private static byte[] Noise(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>An engine that decodes all there is, and says nothing.</summary>
    private sealed class SoundCounter : ITranscriber
    {
        public string Name => "counter";

        public async Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
            (await SpeechTools.Media.ProbeAsync(request, cancellationToken)).HasSound ? null : "The media has no sound.";

        public async IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(
            TranscriptionRequest request,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await using var sound = SpeechTools.Media.OpenSound(request, cancellationToken);
            var buffer = new byte[64 * 1024];
            while (await sound.Output.ReadAsync(buffer, cancellationToken) > 0)
                cancellationToken.ThrowIfCancellationRequested();
            await sound.EnsureDecodedAsync(cancellationToken);
            yield return new TranscriptionUpdate("transcribe", 100);
        }
    }
}
