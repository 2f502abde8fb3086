using Subtitles.Jobs;
using Subtitles.Media;

namespace Worker;

/// <summary>Finds the files that a job is about, fetching them where they are elsewhere.</summary>
internal interface IMediaLocator
{
    /// <param name="job">The job.</param>
    /// <param name="progress">Told in percent how much of the media has been fetched, where that is known.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Subtitles.Transcription.TranscriptionException">The media is gone, cannot be fetched, or is not
    /// allowed.</exception>
    Task<LocatedMedia> LocateAsync(Job job, IProgress<double> progress, CancellationToken cancellationToken);
}

/// <summary>Local files, or a playlist and perhaps a side file, or what is being sent.</summary>
internal sealed record LocatedMedia(string MediaPath, string? SideFilePath, Playlist? Playlist = null, LiveMedia? Live = null);
