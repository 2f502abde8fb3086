using System.Globalization;
using System.Text;
using Subtitles.Cues;

namespace Subtitles.Formats;

/// <summary>
/// Subtitles as HLS players take them (RFC 8216): a playlist of WebVTT segments that grows while a job is at work. A segment is named once
/// no more cue can come for its time, and is the same ever after.
/// </summary>
public static class HlsSubtitles
{
    /// <summary>The length of a segment.</summary>
    public const int SegmentSeconds = 6;

    private const int SegmentMs = SegmentSeconds * 1000;

    /// <summary>The playlist.</summary>
    /// <param name="cues">The final cues, in the order of their start.</param>
    /// <param name="isOver">Whether no more will come.</param>
    /// <param name="query">What is put behind each segment's name: a query with its question mark, or nothing.</param>
    public static string WritePlaylist(IReadOnlyList<Cue> cues, bool isOver, string query)
    {
        var text = new StringBuilder("#EXTM3U\n#EXT-X-VERSION:3\n").Append(
            CultureInfo.InvariantCulture,
            $"#EXT-X-TARGETDURATION:{SegmentSeconds}\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:EVENT\n"
        );
        var count = CountSegments(cues, isOver);
        for (var i = 0; i < count; i++)
            text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{SegmentSeconds}.000,\n{i}.vtt{query}\n");
        return text.Append(isOver ? "#EXT-X-ENDLIST\n" : "").ToString();
    }

    /// <summary>The number of segments that the playlist names.</summary>
    public static int CountSegments(IReadOnlyList<Cue> cues, bool isOver)
    {
        ArgumentNullException.ThrowIfNull(cues);
        // Cues come in the order of their start: before the newest one there is nothing more to come. Of an overlap the later end decides
        // at the end only.
        return isOver
            ? Math.Max(1, (int)((cues.Max(c => (long?)c.EndMs) ?? 0) + SegmentMs - 1) / SegmentMs)
            : (int)((cues is [.., { } last] ? last.StartMs : 0) / SegmentMs);
    }

    /// <summary>A segment: the cues that are seen during it. One that reaches into the next is in both, as players expect.</summary>
    /// <param name="cues">The final cues, in the order of their start.</param>
    /// <param name="number">The segment's number, from 0.</param>
    /// <param name="timestamp">The MPEG-2 timestamp (90 kHz) of the film's beginning.</param>
    public static string WriteSegment(IEnumerable<Cue> cues, int number, long timestamp)
    {
        var (fromMs, untilMs) = ((long)number * SegmentMs, (number + 1L) * SegmentMs);
        var file = WebVtt.Write(cues.Where(c => c.StartMs < untilMs && c.EndMs > fromMs));
        const string Header = "WEBVTT\n";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Header}X-TIMESTAMP-MAP=MPEGTS:{timestamp},LOCAL:00:00:00.000\n{file[Header.Length..]}"
        );
    }
}
