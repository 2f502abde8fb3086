using Subtitles.Jobs;
using Subtitles.Media;
using Subtitles.Transcription;

namespace Worker;

/// <summary>Finds samples in the catalogue and uploads in the media store, and fetches addresses into it, but for playlists.</summary>
internal sealed class MediaLocator(SampleCatalog samples, IMediaStore store, MediaFetcher fetcher) : IMediaLocator
{
    private const string SamplePrefix = "sample:";
    private const string UploadPrefix = "upload:";

    public async Task<LocatedMedia> LocateAsync(JobRequest request, CancellationToken cancellationToken)
    {
        var sideFile = request.SideFile is { } name ? FindUpload(name, "subtitle side file") : null;
        if (request.Source.StartsWith(SamplePrefix, StringComparison.Ordinal))
        {
            var sample = samples.Find(request.Source[SamplePrefix.Length..]) ?? throw new TranscriptionException($"There is no sample '{request.Source}'.");
            return new LocatedMedia(sample.MediaPath, sideFile ?? sample.SideFilePath);
        }
        if (request.Source.StartsWith(UploadPrefix, StringComparison.Ordinal))
            return new LocatedMedia(FindUpload(request.Source, "media"), sideFile);
        return Uri.TryCreate(request.Source, UriKind.Absolute, out var address)
            ? await FetchAsync(address, sideFile, cancellationToken)
            : throw new TranscriptionException($"The source '{request.Source}' is neither a sample, an upload nor an address.");
    }

    private string FindUpload(string source, string what) =>
        source.StartsWith(UploadPrefix, StringComparison.Ordinal) && store.FindPath(source[UploadPrefix.Length..]) is { } path
            ? path
            : throw new TranscriptionException($"The {what} is not in the media store any more; submit the job again. (Api and Worker must share the folder Media:Path.)");

    private async Task<LocatedMedia> FetchAsync(Uri address, string? sideFile, CancellationToken cancellationToken)
    {
        try
        {
            var media = await fetcher.FetchAsync(address, cancellationToken);
            if (media.Playlist is not null)
                return new LocatedMedia("", sideFile, media.Playlist);
            var path = store.FindPath(media.Name!) ?? throw new TranscriptionException("The fetched media vanished from the media store.", isTransient: true);
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
