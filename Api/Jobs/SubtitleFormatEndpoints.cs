using Api.OpenApi;
using Api.Problems;
using Subtitles.Formats;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>The cues so far in the formats beside WebVTT, SubRip and JSON.</summary>
internal static class SubtitleFormatEndpoints
{
    private const string PlaylistType = "application/vnd.apple.mpegurl";
    private const string VttType = "text/vtt; charset=utf-8";
    private const long MaxTimestamp = (1L << 33) - 1;

    public static void MapSubtitleFormats(this WebApplication app)
    {
        // Whoever has the id, which cannot be guessed, may read.
        var jobs = app.MapGroup("/jobs/{id}").WithTags("Jobs").AllowAnonymous();

        jobs.MapRead(
                "/subtitles.txt",
                async (string id, SubtitleReader reader, CancellationToken cancellationToken) =>
                    await AnswerAsync(reader, id, "text/plain; charset=utf-8", s => PlainText.Write(s.FinalCues), cancellationToken)
            )
            .WithSummary("The cues so far as plain text")
            .ProducesFile("text/plain", "Every viewer sees the same.\n")
            .ProducesProblems(404, 410, 503);

        jobs.MapRead(
                "/subtitles.ttml",
                async (string id, SubtitleReader reader, CancellationToken cancellationToken) =>
                    await AnswerAsync(
                        reader,
                        id,
                        "application/ttml+xml; charset=utf-8",
                        s => Ttml.Write(s.FinalCues, s.Language ?? ""),
                        cancellationToken
                    )
            )
            .WithSummary("The cues so far as TTML")
            .ProducesFile("application/ttml+xml", JobExamples.Ttml)
            .ProducesProblems(404, 410, 503);

        jobs.MapRead(
                "/subtitles/playlist.m3u8",
                async (string id, SubtitleReader reader, CancellationToken cancellationToken, long mpegts = 0) =>
                    await AnswerAsync(
                        reader,
                        id,
                        PlaylistType,
                        s =>
                            HlsSubtitles.WritePlaylist(
                                [.. s.FinalCues],
                                IsOver(s.Status),
                                Timestamp(mpegts) == 0 ? "" : $"?mpegts={mpegts}"
                            ),
                        cancellationToken
                    )
            )
            .WithSummary("The cues so far as an HLS playlist")
            .WithDescription(
                "A rendition of subtitles for the playlist of a film, live or whole: EXT-X-MEDIA:TYPE=SUBTITLES. mpegts is the timestamp "
                    + "at which the film's own segments begin; 0 where they are fragmented MP4."
            )
            .ProducesFile(PlaylistType, JobExamples.Playlist)
            .ProducesProblems(400, 404, 410, 503);

        jobs.MapRead(
                "/subtitles/{number:int:min(0)}.vtt",
                async (string id, int number, SubtitleReader reader, CancellationToken cancellationToken, long mpegts = 0) =>
                    await AnswerAsync(reader, id, VttType, s => WriteSegment(s, number, Timestamp(mpegts)), cancellationToken)
            )
            .WithSummary("A segment of the HLS playlist")
            .ProducesFile("text/vtt", JobExamples.Vtt)
            .ProducesProblems(400, 404, 410, 503);
    }

    private static bool IsOver(JobStatus status) => status is JobStatus.Completed or JobStatus.Failed or JobStatus.Canceled;

    private static string WriteSegment(SubtitleSnapshot snapshot, int number, long timestamp)
    {
        var cues = snapshot.FinalCues.ToList();
        return number < HlsSubtitles.CountSegments(cues, IsOver(snapshot.Status))
            ? HlsSubtitles.WriteSegment(cues, number, timestamp)
            : throw ApiException.NotFound($"There is no segment {number} yet; the playlist names those that there are.");
    }

    private static long Timestamp(long mpegts) =>
        mpegts is >= 0 and <= MaxTimestamp
            ? mpegts
            : throw ApiException.BadRequest($"mpegts is a timestamp of 33 bits, 0 to {MaxTimestamp}.");

    private static async Task<SubtitleResult> AnswerAsync(
        SubtitleReader reader,
        string id,
        string contentType,
        Func<SubtitleSnapshot, string> write,
        CancellationToken cancellationToken
    )
    {
        var snapshot = await reader.ReadAsync(id, cancellationToken);
        return new SubtitleResult(snapshot, contentType, write(snapshot));
    }
}
