using Subtitles.Jobs;
using Subtitles.Media;

namespace Worker;

/// <summary>Finds the files that a job is about, fetching them where they are elsewhere.</summary>
internal interface IMediaLocator
{
    /// <exception cref="Subtitles.Transcription.TranscriptionException">The media is gone, cannot be fetched, or is not allowed.</exception>
    Task<LocatedMedia> LocateAsync(Job job, CancellationToken cancellationToken);
}

/// <summary>Local files, or a playlist and perhaps a side file.</summary>
internal sealed record LocatedMedia(string MediaPath, string? SideFilePath, Playlist? Playlist = null);
