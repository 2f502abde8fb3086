using System.Text;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Media;
using Tests.Fixtures;
using Worker;

namespace Tests.Integration.Worker;

public sealed class MediaLocatorTests(RedisServers servers)
{
    [Fact]
    public async Task Media_is_fetched_once_for_a_job_and_kept_as_long_as_it_is_at_work()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PlaylistServer.StartAsync(folder.Path);
        await ToneSpeech.WriteAsync(folder["speech.wav"], 2);
        var options = Options.Create(new MediaOptions { Path = folder["media"], AllowedHosts = [PlaylistServer.Allowed] });
        var store = new FolderMediaStore(options);
        using var fetcher = new MediaFetcher(
            new SourceAddressGuard(options),
            new MediaIntake(store, options),
            options,
            TimeProvider.System
        );
        await using var bench = await WorkerBench.CreateAsync(servers);
        var locator = new MediaLocator(new SampleCatalog(), store, new LiveMediaStore(options, TimeProvider.System), fetcher, bench.Queue);
        var request = new JobRequest($"{server.Address}speech.wav", "en", JobPace.Fast, null, "a job") { Owner = "a" };
        var job = (await bench.Commands.SubmitAsync(request, null, default)).Job;
        var bytes = new FileInfo(folder["speech.wav"]).Length;

        var progress = new Percents();
        var first = await locator.LocateAsync(job, progress, default);
        Assert.Equal(100, progress.Told.Last());
        File.Delete(folder["speech.wav"]);
        File.SetLastWriteTimeUtc(first.MediaPath, DateTime.UtcNow.AddDays(-7));
        Assert.Equal(first, await locator.LocateAsync(job, progress, default));
        Assert.True(File.GetLastWriteTimeUtc(first.MediaPath) > DateTime.UtcNow.AddMinutes(-5), "Its time to live begins anew.");
        // It counts for its owner, once.
        await bench.Queue.CheckQuotaAsync("a", bench.Options.MaxStoredBytesPerOwner - bytes, default);
        await Assert.ThrowsAsync<JobQuotaException>(() =>
            bench.Queue.CheckQuotaAsync("a", bench.Options.MaxStoredBytesPerOwner - bytes + 1, default)
        );
        await Assert.ThrowsAsync<Subtitles.Transcription.TranscriptionException>(() =>
            locator.LocateAsync(job with { Id = JobId.Create() }, progress, default)
        );
    }

    [Fact]
    public async Task Fetched_media_that_is_more_than_its_owner_may_have_is_not_kept()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PlaylistServer.StartAsync(folder.Path);
        await ToneSpeech.WriteAsync(folder["speech.wav"], 2);
        var options = Options.Create(new MediaOptions { Path = folder["media"], AllowedHosts = [PlaylistServer.Allowed] });
        var store = new FolderMediaStore(options);
        using var fetcher = new MediaFetcher(
            new SourceAddressGuard(options),
            new MediaIntake(store, options),
            options,
            TimeProvider.System
        );
        await using var bench = await WorkerBench.CreateAsync(servers);
        var locator = new MediaLocator(new SampleCatalog(), store, new LiveMediaStore(options, TimeProvider.System), fetcher, bench.Queue);
        var request = new JobRequest($"{server.Address}speech.wav", "en", JobPace.Fast, null, "a job")
        {
            Owner = "a",
            StoredBytes = bench.Options.MaxStoredBytesPerOwner - 10,
        };
        var job = (await bench.Commands.SubmitAsync(request, null, default)).Job;
        var refusal = await Assert.ThrowsAsync<Subtitles.Transcription.TranscriptionException>(() =>
            locator.LocateAsync(job, new Percents(), default)
        );
        Assert.False(refusal.IsTransient);
        Assert.Contains("Delete jobs", refusal.Message, StringComparison.Ordinal);
        Assert.Null(store.FindName(job.Id.Value));
    }

    [Fact]
    public async Task How_far_a_download_is_can_be_followed_while_it_goes_on()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync();
        var download = new HalfADownload();
        var running = bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(1), media: download));
        await Eventually.HoldsAsync(
            async () =>
                (await bench.EventsAsync(id)).Any(e =>
                    e.Type == JobEvents.Progress
                    && Encoding.UTF8.GetString(e.Payload.Span).Contains("\"stage\":\"fetch\",\"percent\":50", StringComparison.Ordinal)
                ),
            "half of the download is told"
        );
        download.Rest.SetResult(new LocatedMedia("none", null));
        await running;
        Assert.Equal(JobStatus.Completed, await bench.StatusAsync(id));
    }

    private sealed class HalfADownload : IMediaLocator
    {
        public TaskCompletionSource<LocatedMedia> Rest { get; } = new();

        public Task<LocatedMedia> LocateAsync(Job job, IProgress<double> progress, CancellationToken cancellationToken)
        {
            progress.Report(50);
            return Rest.Task;
        }
    }

    private sealed class Percents : IProgress<double>
    {
        public List<double> Told { get; } = [];

        public void Report(double value) => Told.Add(value);
    }
}
