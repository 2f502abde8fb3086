using System.Runtime.CompilerServices;
using Subtitles.Cues;
using Subtitles.Formats;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription.Embedded;

/// <summary>
/// The engine <c>embedded</c>: subtitles that the media already has. A side file needs nothing installed; a track inside the media goes
/// through ffmpeg. A track in another language than the job's is not taken for it.
/// </summary>
internal sealed class EmbeddedTranscriber(MediaTools tools) : ITranscriber
{
    public const string EngineName = "embedded";

    public string Name => EngineName;

    public async Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken)
    {
        if (request.SideFilePath is { } sideFile)
            return File.Exists(sideFile) ? null : "The subtitle side file is no longer there; submit the job again with it.";
        if (request.Playlist is not null)
            return "No subtitle side file was sent, and the subtitles of playlists are not read.";
        if (request.Live is not null)
            return "What is said live has no subtitles yet.";
        if (tools.Missing.Any())
            return "No subtitle side file was sent, and reading a track out of the media needs ffmpeg, which is not installed.";
        var media = await tools.ProbeAsync(request, cancellationToken);
        if (media.TextTracks.Count == 0)
            return "The media has no subtitle track, and no side file was sent.";
        return FindTrack(media, request.Language) is null
            ? $"The media has no subtitle track in '{request.Language}', only in "
                + $"{string.Join(", ", media.TextTracks.Select(t => t.Language).Distinct())}."
            : null;
    }

    public async Task<string?> FindLanguageAsync(TranscriptionRequest request, CancellationToken cancellationToken)
    {
        if (request.KnownLanguage is not null || request.SideFilePath is not null)
            return request.KnownLanguage;
        var tag = FindTrack(await tools.ProbeAsync(request, cancellationToken), request.Language)?.Language;
        return LanguageTag.IsUnknown(tag) ? null : LanguageTag.Primary(tag!);
    }

    public async IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(
        TranscriptionRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return new TranscriptionUpdate("decode", 0);
        // Work for a second at the most, on a file at the limits; a cancel does not wait for its end.
        var written = await Task.Run(() => ReadAsync(request, cancellationToken), cancellationToken).WaitAsync(cancellationToken);
        var spoken = written.Where(c => c.Text.Length > 0).OrderBy(c => c.StartMs);
        var cues = CueFitter.Fit([.. spoken], await FindLanguageAsync(request, cancellationToken), cancellationToken);
        for (var i = request.ResumeAfter.Cues; i < cues.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new TranscriptionUpdate("transcribe", 100.0 * (i + 1) / cues.Count, cues[i]);
        }
    }

    private async Task<IReadOnlyList<Cue>> ReadAsync(TranscriptionRequest request, CancellationToken cancellationToken)
    {
        if (request.SideFilePath is { } sideFile)
        {
            try
            {
                return SideFile.Read(sideFile).Cues;
            }
            catch (SubtitleFormatException e)
            {
                throw new TranscriptionException($"The subtitle side file is malformed. {e.Message}", e);
            }
        }
        var media = await tools.ProbeAsync(request, cancellationToken);
        return FindTrack(media, request.Language) is { } track
            ? await tools.ReadTextTrackAsync(request.MediaPath, track, cancellationToken)
            : throw new TranscriptionException("The media has no subtitle track in the job's language, and no side file was sent.");
    }

    private static TextTrack? FindTrack(MediaInfo media, string language) =>
        media.TextTracks.FirstOrDefault(t =>
            !LanguageTag.IsUnknown(t.Language) && (LanguageTag.IsAutomatic(language) || LanguageTag.AreSame(t.Language!, language))
        ) ?? media.TextTracks.FirstOrDefault(t => LanguageTag.IsUnknown(t.Language));
}
