using Subtitles.Cues;
using Subtitles.Formats;

namespace Tests.Unit;

public sealed class WebVttTests
{
    private static Cue Cue(long start, long end, string text, string id = "c0001") => new(id, 1, CueState.Final, start, end, text);

    [Fact]
    public void Writes_identifier_times_and_escaped_text() =>
        Assert.Equal(
            "WEBVTT\n\nc0001\n00:00:01.005 --> 00:00:02.500\na &lt;b&gt; &amp; c --&gt; d\n\nc0002\n27:46:40.000 --> 27:46:41.000\nlate\n",
            WebVtt.Write([Cue(100_000_000, 100_001_000, "late", "c0002"), Cue(1005, 2500, "a <b> & c --> d")])
        );

    [Theory]
    [InlineData("first\n\n\nsecond\r\n\r\nthird", "first\nsecond\nthird")]
    [InlineData(" \u0001padded\t ", "padded")]
    [InlineData("NOTE not a comment", "NOTE not a comment")]
    [InlineData("00:00:01.000 --> 00:00:02.000", "00:00:01.000 --> 00:00:02.000")]
    [InlineData("&amp; &#65; <00:01.000>", "&amp; &#65; <00:01.000>")]
    [InlineData("", "")]
    public void Text_comes_back_as_it_was_without_blank_lines(string text, string expected) =>
        Assert.Equal(expected, Assert.Single(WebVtt.Parse(WebVtt.Write([Cue(0, 1000, text)]))).Text);

    [Theory]
    [InlineData("a --> b")]
    [InlineData("two\nlines")]
    [InlineData("STYLE")]
    [InlineData("")]
    public void An_identifier_that_would_break_the_file_is_left_out(string id)
    {
        var cue = Assert.Single(WebVtt.Parse(WebVtt.Write([Cue(0, 1000, "text", id)])));
        Assert.Equal((CueIds.At(0), "text"), (cue.CueId, cue.Text));
    }

    [Fact]
    public void A_cue_without_duration_is_written_so_that_readers_take_it() =>
        Assert.Equal((5000, 5001), Times(Assert.Single(WebVtt.Parse(WebVtt.Write([Cue(5000, 5000, "x")])))));

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Reads_a_file_with_everything_in_it(string newline)
    {
        string[] file =
        [
            "\uFEFFWEBVTT - a title",
            "X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0",
            "",
            "STYLE",
            "::cue { color: red }",
            "",
            "REGION",
            "id:fred",
            "",
            "NOTE",
            "a comment",
            "of two lines",
            "",
            "intro",
            "00:01.000 --> 00:02.500 align:start position:10%",
            "<v Mary Smith>Hello <b.loud>there</b>,",
            "<i>you</i> &amp; me &lt;3&nbsp;&#x41;",
            "",
            "",
            "NOTE one line",
            "",
            "01:02:03.004\t-->\t01:02:04.000",
            "<00:19.000>timed<c.yellow> words</c>",
            "00:05.000 --> 00:06.000",
            "no blank line before",
            "",
            "100:00:00.000 --> 100:00:01.000",
            "open <b tag",
        ];
        var cues = WebVtt.Parse(string.Join(newline, file));
        Assert.Equal(
            [
                ("intro", 1000, 2500, "Hello there,\nyou & me <3\u00A0A"),
                ("c0002", 3_723_004, 3_724_000, "timed words"),
                ("c0003", 5000, 6000, "no blank line before"),
                ("c0004", 360_000_000, 360_001_000, "open"),
            ],
            cues.Select(c => (c.CueId, c.StartMs, c.EndMs, c.Text))
        );
    }

    [Theory]
    [InlineData("WEBVTT")]
    [InlineData("WEBVTT\n")]
    [InlineData("WEBVTT a header\nwith more\n\n\n")]
    public void A_file_may_have_no_cues(string text) => Assert.Empty(WebVtt.Parse(text));

    [Theory]
    [InlineData("", 1)]
    [InlineData("WEBVTTX\n", 1)]
    [InlineData("1\n00:00:01,000 --> 00:00:02,000\nsrt", 1)]
    [InlineData("WEBVTT\n\n00:01.000 --> 00:01.000\nx", 3)]
    [InlineData("WEBVTT\n\n00:02.000 --> 00:01.000\nx", 3)]
    [InlineData("WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,000\nx", 4)]
    [InlineData("WEBVTT\n\n00:61.000 --> 01:62.000\nx", 3)]
    [InlineData("WEBVTT\n\n1:02.000 --> 1:03.000\nx", 3)]
    [InlineData("WEBVTT\n\n00:01.00 --> 00:02.000\nx", 3)]
    [InlineData("WEBVTT\n\n00:01.000 --> \nx", 3)]
    [InlineData("WEBVTT\n\n-->\nx", 3)]
    [InlineData("WEBVTT\n\n99999:00:00.000 --> 99999:00:01.000\nx", 3)]
    [InlineData("WEBVTT\n\n00:01.000 --> 00:02.000\nfine\n\nno times\nhere", 6)]
    public void Malformed_input_is_named_by_its_line(string text, int line) =>
        Assert.Equal(line, Assert.Throws<SubtitleFormatException>(() => WebVtt.Parse(text)).Line);

    [Fact]
    public void Limits_hold()
    {
        var two = "WEBVTT\n\n00:01.000 --> 00:02.000\none\n\n00:02.000 --> 00:03.000\ntwo\n";
        Assert.Equal(2, WebVtt.Parse(new StringReader(two), new SubtitleLimits { MaxCues = 2 }).Count);
        Assert.Equal(6, Refused(two, new SubtitleLimits { MaxCues = 1 }).Line);
        Assert.Equal(4, Refused(two, new SubtitleLimits { MaxCueCharacters = 2 }).Line);
        Refused(two, new SubtitleLimits { MaxCharacters = 40 });

        static SubtitleFormatException Refused(string text, SubtitleLimits limits) =>
            Assert.Throws<SubtitleFormatException>(() => WebVtt.Parse(new StringReader(text), limits));
    }

    [Fact]
    public void An_endless_line_is_refused_before_it_fills_memory() =>
        Assert.Throws<SubtitleFormatException>(() => WebVtt.Parse(new EndlessReader()));

    private static (long, long) Times(Cue cue) => (cue.StartMs, cue.EndMs);

    private sealed class EndlessReader : TextReader
    {
        public override int Read(char[] buffer, int index, int count)
        {
            buffer.AsSpan(index, count).Fill('x');
            return count;
        }
    }
}
