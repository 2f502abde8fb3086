using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Media;
using Tests.Fixtures;
using Worker;

namespace Tests.Integration.Worker;

public sealed class MediaLocatorTests
{
    [Fact]
    public async Task Media_is_fetched_once_for_a_job_and_kept_as_long_as_it_is_at_work()
    {
        using var folder = new TemporaryFolder();
        await using var server = await PlaylistServer.StartAsync(folder.Path);
        await ToneSpeech.WriteAsync(folder["speech.wav"], 2);
        var options = Options.Create(new MediaOptions { Path = folder["media"], AllowedHosts = [PlaylistServer.Allowed] });
        var store = new FolderMediaStore(options);
        using var fetcher = new MediaFetcher(new SourceAddressGuard(options), new MediaIntake(store, options), options, TimeProvider.System);
        var locator = new MediaLocator(new SampleCatalog(), store, fetcher);
        var job = new Job
        {
            Id = JobId.Create(),
            Request = new JobRequest($"{server.Address}speech.wav", "en", JobPace.Fast, null, "a job"),
            Status = JobStatus.Running,
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };

        var first = await locator.LocateAsync(job, default);
        File.Delete(folder["speech.wav"]);
        File.SetLastWriteTimeUtc(first.MediaPath, DateTime.UtcNow.AddDays(-7));
        Assert.Equal(first, await locator.LocateAsync(job, default));
        Assert.True(File.GetLastWriteTimeUtc(first.MediaPath) > DateTime.UtcNow.AddMinutes(-5), "Its time to live begins anew.");
        await Assert.ThrowsAsync<Subtitles.Transcription.TranscriptionException>(() => locator.LocateAsync(job with { Id = JobId.Create() }, default));
    }
}
