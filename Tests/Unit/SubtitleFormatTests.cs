using System.Xml.Linq;
using Subtitles.Cues;
using Subtitles.Formats;

namespace Tests.Unit;

/// <summary>The formats that are only written.</summary>
public sealed class SubtitleFormatTests
{
    private static readonly Cue[] Cues =
    [
        new("c0001", 1, CueState.Final, 1000, 2500, "One <line>,\nand another & more."),
        new("c0002", 1, CueState.Final, 5500, 6500, "Over the\nedge\uFFFE \uD83D"),
        new("c0003", 1, CueState.Final, 13_000, 14_000, "Late. 😀"),
    ];

    [Fact]
    public void Ttml_is_well_formed_whatever_the_text_is()
    {
        XNamespace tt = "http://www.w3.org/ns/ttml";
        var root = XDocument.Parse(Ttml.Write(Cues, "en-GB")).Root!;
        Assert.Equal("en-GB", root.Attribute(XNamespace.Xml + "lang")!.Value);
        var lines = root.Descendants(tt + "p").ToList();
        Assert.Equal(["c0001", "c0002", "c0003"], lines.Select(p => p.Attribute(XNamespace.Xml + "id")!.Value));
        Assert.Equal(("00:00:01.000", "00:00:02.500"), (lines[0].Attribute("begin")!.Value, lines[0].Attribute("end")!.Value));
        Assert.Equal(["One <line>,", "and another & more."], lines[0].Nodes().OfType<XText>().Select(t => t.Value));
        Assert.Single(lines[0].Elements(tt + "br"));
        Assert.Equal("Over theedge ", lines[1].Value);
        Assert.Equal("Late. 😀", lines[2].Value);
    }

    [Fact]
    public void Plain_text_has_a_line_for_each_cue_and_a_blank_one_where_somebody_paused() =>
        Assert.Equal("One <line>, and another & more.\n\nOver the edge\uFFFE \uD83D\n\nLate. 😀\n", PlainText.Write(Cues));

    [Fact]
    public void A_playlist_grows_by_segments_that_never_change()
    {
        Assert.Equal(0, HlsSubtitles.CountSegments(Cues[..2], isOver: false));
        Assert.Equal(2, HlsSubtitles.CountSegments(Cues, isOver: false));
        Assert.Equal(3, HlsSubtitles.CountSegments(Cues, isOver: true));
        Assert.Equal(1, HlsSubtitles.CountSegments([], isOver: true));
        var growing = HlsSubtitles.WritePlaylist(Cues, isOver: false, "?mpegts=7");
        Assert.EndsWith("#EXTINF:6.000,\n0.vtt?mpegts=7\n#EXTINF:6.000,\n1.vtt?mpegts=7\n", growing, StringComparison.Ordinal);
        Assert.StartsWith(growing, HlsSubtitles.WritePlaylist(Cues, isOver: true, "?mpegts=7"), StringComparison.Ordinal);
        Assert.EndsWith("2.vtt\n#EXT-X-ENDLIST\n", HlsSubtitles.WritePlaylist(Cues, isOver: true, ""), StringComparison.Ordinal);

        // What reaches over the edge is in both.
        Assert.Equal(["c0001", "c0002"], WebVtt.Parse(HlsSubtitles.WriteSegment(Cues, 0, 7)).Select(c => c.CueId));
        Assert.Equal(["c0002"], WebVtt.Parse(HlsSubtitles.WriteSegment(Cues, 1, 7)).Select(c => c.CueId));
        Assert.StartsWith(
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:7,LOCAL:00:00:00.000\n\n",
            HlsSubtitles.WriteSegment(Cues, 0, 7),
            StringComparison.Ordinal
        );
    }
}
