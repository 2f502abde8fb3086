using Subtitles.Cues;
using Subtitles.Formats;

namespace Tests.Unit;

public sealed class SubRipTests
{
    private static Cue Cue(long start, long end, string text) => new("c0001", 1, CueState.Final, start, end, text);

    [Fact]
    public void Writes_numbers_times_and_text_in_order() =>
        Assert.Equal(
            "1\n00:00:01,005 --> 00:00:02,500\nAT&T <3\n\n2\n27:46:40,000 --> 27:46:41,000\ntwo\nlines\n\n",
            SubRip.Write([Cue(100_000_000, 100_001_000, "two\n\nlines"), Cue(1005, 2500, "AT&T <3")])
        );

    [Theory]
    [InlineData("a <b>bold</b> claim")]
    [InlineData("{\\an8} is a code")]
    [InlineData("00:00:01,000 --> 00:00:02,000")]
    [InlineData("a --> b -->")]
    [InlineData("<\u200Bi> and --\u200B\u200B> were there before")]
    [InlineData("1 < 2 > 0 & {x}")]
    [InlineData("42")]
    public void Text_comes_back_as_it_was(string text)
    {
        var cues = SubRip.Parse(SubRip.Write([Cue(0, 1000, "before\n" + text), Cue(1000, 2000, text), Cue(2000, 3000, "after")]));
        Assert.Equal(["before\n" + text, text, "after"], cues.Select(c => c.Text));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Reads_what_players_read(string newline)
    {
        string[] file =
        [
            "\uFEFF1",
            "00:00:01,000 --> 00:00:02,500  X1:100 X2:200 Y1:10 Y2:20",
            "{\\an8}<i>Hello</i> <font color=\"#fff\">there</font>",
            "second < line",
            "",
            "",
            "7",
            "0:00:03.5 --> 0:00:04",
            "short times",
            "  ",
            "00:00:05,000-->00:00:06,000",
            "no number",
            "",
            "9",
            "01:00:00,000 --> 01:00:01,000",
        ];
        var cues = SubRip.Parse(string.Join(newline, file));
        Assert.Equal(
            [
                ("c0001", 1000, 2500, "Hello there\nsecond < line"),
                ("c0002", 3005, 4000, "short times"),
                ("c0003", 5000, 6000, "no number"),
                ("c0004", 3_600_000, 3_601_000, ""),
            ],
            cues.Select(c => (c.CueId, c.StartMs, c.EndMs, c.Text))
        );
    }

    [Fact]
    public void Blank_lines_within_a_cue_are_taken_for_what_they_are() =>
        Assert.Equal(
            ["one\ntwo\n7\nseven", "three"],
            SubRip
                .Parse("1\n00:00:01,000 --> 00:00:02,000\none\n\ntwo\n\n\n7\nseven\n\n2\n00:00:02,000 --> 00:00:03,000\nthree\n\n")
                .Select(c => c.Text)
        );

    [Theory]
    [InlineData("")]
    [InlineData("\r\n \r\n")]
    public void A_file_may_have_no_cues(string text) => Assert.Empty(SubRip.Parse(text));

    [Theory]
    [InlineData("hello", 1)]
    [InlineData("1", 1)]
    [InlineData("1\nhello", 2)]
    [InlineData("1\n00:00:02,000 --> 00:00:01,000\nx", 2)]
    [InlineData("1\n00:00:xx,000 --> 00:00:01,000\nx", 2)]
    [InlineData("1\n00:00:01,000 --> 00:00:02,000\nx\n\n2\n00:00:xx,000 --> 00:00:03,000\ny", 6)]
    [InlineData("1\n00:00:01,000 --> 00:00:02,000\nx\n\n2", 5)]
    [InlineData("1\n00:99:01,000 --> 00:99:02,000\nx", 2)]
    public void Malformed_input_is_named_by_its_line(string text, int line) =>
        Assert.Equal(line, Assert.Throws<SubtitleFormatException>(() => SubRip.Parse(text)).Line);
}
