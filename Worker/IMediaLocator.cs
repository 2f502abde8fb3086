using Subtitles.Jobs;

namespace Worker;

/// <summary>Finds the files that a job is about, fetching them where they are elsewhere.</summary>
internal interface IMediaLocator
{
    /// <exception cref="Subtitles.Transcription.TranscriptionException">The media is gone, cannot be fetched, or is not allowed.</exception>
    Task<LocatedMedia> LocateAsync(JobRequest request, CancellationToken cancellationToken);
}

/// <summary>Local files.</summary>
internal sealed record LocatedMedia(string MediaPath, string? SideFilePath);
