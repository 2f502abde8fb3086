using Subtitles.Jobs;
using Subtitles.Media;
using Subtitles.Transcription;

namespace Worker;

/// <summary>Finds samples in the catalogue and uploads in the media store, and fetches addresses into it, but for playlists.</summary>
internal sealed class MediaLocator(SampleCatalog samples, IMediaStore store, LiveMediaStore live, MediaFetcher fetcher, IJobQueue queue)
    : IMediaLocator
{
    private const string SamplePrefix = "sample:";
    private const string UploadPrefix = "upload:";

    public async Task<LocatedMedia> LocateAsync(Job job, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var request = job.Request;
        if (request.IsLive)
            return new LocatedMedia("", null, Live: live.Open(job.Id));
        var sideFile = request.SideFile is { } name ? FindUpload(name, "subtitle side file") : null;
        if (request.Source.StartsWith(SamplePrefix, StringComparison.Ordinal))
        {
            var sample =
                samples.Find(request.Source[SamplePrefix.Length..])
                ?? throw new TranscriptionException($"There is no sample '{request.Source}'.");
            return new LocatedMedia(sample.MediaPath, sideFile ?? sample.SideFilePath);
        }
        if (request.Source.StartsWith(UploadPrefix, StringComparison.Ordinal))
            return new LocatedMedia(FindUpload(request.Source, "media"), sideFile);
        return Uri.TryCreate(request.Source, UriKind.Absolute, out var address)
            ? await FetchAsync(job.Id, address, sideFile, progress, cancellationToken)
            : throw new TranscriptionException($"The source '{request.Source}' is neither a sample, an upload nor an address.");
    }

    /// <summary>What was fetched is the owner's, as an upload is.</summary>
    private async Task CountAsync(JobId job, string name, string path, CancellationToken cancellationToken)
    {
        try
        {
            await queue.CountMediaAsync(job, 0, new FileInfo(path).Length, cancellationToken);
        }
        catch (JobQuotaException e)
        {
            store.Delete(name);
            throw new TranscriptionException(e.Message, e);
        }
    }

    private string FindUpload(string source, string what)
    {
        var name = source.StartsWith(UploadPrefix, StringComparison.Ordinal) ? source[UploadPrefix.Length..] : "";
        // It is kept as long after its job's last attempt as the job is.
        store.Touch(name);
        return store.FindPath(name)
            ?? throw new TranscriptionException(
                $"The {what} is not in the media store any more; submit the job again. (Api and Worker must share the folder Media:Path.)"
            );
    }

    /// <summary>Fetched once for a job: another attempt hears what the one before has heard, whatever the address gives by then.</summary>
    private async Task<LocatedMedia> FetchAsync(
        JobId job,
        Uri address,
        string? sideFile,
        IProgress<double> progress,
        CancellationToken cancellationToken
    )
    {
        if (store.FindName(job.Value) is { } fetched)
        {
            var kept = FindUpload(UploadPrefix + fetched, "media");
            // Whoever fetched it may have died before it was counted.
            await CountAsync(job, fetched, kept, cancellationToken);
            return new LocatedMedia(kept, sideFile);
        }
        try
        {
            var media = await fetcher.FetchAsync(address, job.Value, progress, cancellationToken);
            if (media.Playlist is not null)
                return new LocatedMedia("", sideFile, media.Playlist);
            var path =
                store.FindPath(media.Name!)
                ?? throw new TranscriptionException("The fetched media vanished from the media store.", isTransient: true);
            await CountAsync(job, media.Name!, path, cancellationToken);
            return new LocatedMedia(path, sideFile);
        }
        catch (MediaFetchException e)
        {
            throw new TranscriptionException(e.Message, e.IsTransient, e);
        }
        catch (Exception e) when (e is SourceAddressException or UnsupportedMediaException or MediaTooLargeException)
        {
            throw new TranscriptionException(e.Message, e);
        }
    }
}
