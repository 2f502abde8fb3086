using Subtitles.Jobs;

namespace Subtitles.Media;

/// <summary>The media of one live job, to be read from its beginning, as far as it has come and as it comes.</summary>
public sealed class LiveMedia(LiveMediaStore store, JobId job)
{
    /// <summary>Copies the media to its end: the chunk that was sent as the last one, or nothing new for as long as <see
    /// cref="MediaOptions.LiveSilenceLimit"/>.</summary>
    /// <exception cref="Transcription.TranscriptionException">Nothing was sent at all.</exception>
    public Task CopyToAsync(Stream target, CancellationToken cancellationToken) => store.CopyToAsync(job, target, cancellationToken);
}
