using System.Globalization;
using Subtitles.Formats;
using Subtitles.Transcription;
using Subtitles.Transcription.Embedded;
using Subtitles.Transcription.Speech;
using Tests.Fixtures;

namespace Tests.Unit;

/// <summary>What cues are like, measured, on texts of several kinds. The limits are those of the guides that docs/transcription.md names;
/// the table is in the test's output.</summary>
public sealed class CuePropertiesTests
{
    private const string English =
        "The harbour was quiet, and the last ferry had left an hour ago. On the pier, under a lamp that nobody had switched off, "
        + "an old man was mending a net; his hands knew the work, so he watched the water instead. \"You are late,\" he said without "
        + "turning round. Dr. Miller put down her bag, which was heavier than it looked, and sat beside him on the wet boards. She "
        + "had come to ask about the boat, the storm, and the three days between them: nobody in the village would talk. He tied a "
        + "knot, cut the thread, and was silent for so long that she thought he had not heard. Then he began. It was a story that he "
        + "had told only once before, to a child, and he told it in the same words. When he came to the end of it the tide had "
        + "turned, and the first light was standing over the hills behind the town.";

    private const string German =
        "Der Hafen war still, und die letzte Fähre hatte vor einer Stunde abgelegt. Am Steg, unter einer Lampe, die niemand "
        + "ausgeschaltet hatte, flickte ein alter Mann ein Netz; seine Hände kannten die Arbeit, und so sah er auf das Wasser. Sie "
        + "war gekommen, um nach dem Boot, dem Sturm und den drei Tagen dazwischen zu fragen, denn im Dorf wollte keiner davon "
        + "sprechen.";

    private const string Japanese =
        "港は静かで、最後の船は一時間前に出ていました。桟橋の灯りの下で、一人の老人が網を直しています。手が仕事を覚えているので、"
        + "彼は海を見ていました。「遅かったですね」と、振り向かずに言いました。彼女は重い鞄を置いて、濡れた板の上に座りました。船の"
        + "こと、嵐のこと、そしてその間の三日間のことを聞くために来たのです。村では誰も話そうとしませんでした。";

    [Fact]
    public void Cues_keep_the_limits_of_the_guides_and_are_cut_where_sentences_and_clauses_end()
    {
        var tour = WebVtt.Parse(File.ReadAllText(Path.Combine(RepositoryFolder.Path, "Subtitles", "Samples", "tour.vtt")));
        var spokenTour = tour.SelectMany(c => Said(c.Text, c.StartMs, (c.EndMs - c.StartMs) / (double)c.Text.Length)).ToList();
        Table table = new();
        AssertKeepsLimits(table.Measure("tour, its own cues", [.. CueFitter.Fit(tour, "en")], "en"), leastAtMarks: 1);
        AssertKeepsLimits(table.Measure("tour, as spoken", Shape(spokenTour, "en"), "en"), leastAtMarks: 1);
        AssertKeepsLimits(table.Measure("English, with pauses", Shape(Said(English, 0, 62, 550, 250), "en"), "en"), leastAtMarks: 0.9);
        AssertKeepsLimits(table.Measure("English, without a pause", Shape(Said(English, 0, 62), "en"), "en"), leastAtMarks: 0.85);
        AssertKeepsLimits(table.Measure("German, without a pause", Shape(Said(German, 0, 62), "de"), "de"), leastAtMarks: 0.75);
        AssertKeepsLimits(table.Measure("Japanese, without a space", Shape(Said(Japanese, 0, 150), "ja"), "ja"), leastAtMarks: 0.8);
        TestContext.Current.TestOutputHelper!.WriteLine(table.ToString());
    }

    [Fact]
    public void No_line_ends_in_an_article_or_preposition_where_another_place_is_free()
    {
        var cues = Shape(Said("nobody in the whole wide village would ever talk to her about the loss of the boat", 0, 62), "en");
        Assert.DoesNotContain(cues.SelectMany(c => c.Text.Split('\n')), l => l.Split(' ')[^1] is "the" or "in" or "to" or "about" or "of");
    }

    [Fact]
    public void An_abbreviation_before_a_name_ends_no_sentence() =>
        Assert.Equal(
            ["Later in the evening she spoke\nto Dr. Miller about it"],
            Shape(Said("Later in the evening she spoke to Dr. Miller about it", 0, 62), "en").Select(c => c.Text)
        );

    [Fact]
    public void A_line_of_a_script_with_wide_characters_holds_sixteen_and_begins_with_no_mark()
    {
        var lines = Shape(Said(Japanese, 0, 150), "ja").SelectMany(c => c.Text.Split('\n')).ToArray();
        Assert.All(lines, l => Assert.InRange(l.Length, 1, 16));
        Assert.All(lines, l => Assert.DoesNotContain(l[0], "、。」ー"));
        Assert.All(lines, l => Assert.NotEqual('「', l[^1]));
        Assert.Equal(Japanese, string.Concat(lines));
        Assert.Contains(lines, l => l.Length > 12);
    }

    [Fact]
    public void Somebodys_own_cues_with_lines_of_twenty_wide_characters_are_broken_anew_and_lose_none()
    {
        var line = Japanese[..20];
        var fitted = CueFitter.Fit([new("c", 1, Subtitles.Cues.CueState.Final, 0, 6000, line)], "ja");
        Assert.Equal(line, string.Concat(fitted.SelectMany(c => c.Text.Split('\n'))));
        Assert.All(fitted.SelectMany(c => c.Text.Split('\n')), l => Assert.InRange(l.Length, 1, 16));
        Assert.Equal((0L, 6000L), (fitted[0].StartMs, fitted[^1].EndMs));
    }

    private static void AssertKeepsLimits(Row row, double leastAtMarks)
    {
        Assert.True(row.MostLines <= 2, row.ToString());
        Assert.True(row.LongestLine <= 1, row.ToString());
        Assert.True(row.MostSpeed <= 1.0, row.ToString());
        Assert.True(row.LeastGapMs >= 83, row.ToString());
        Assert.True(row is { ShortestMs: >= 834, LongestMs: <= 7000 }, row.ToString());
        Assert.True(row.AtMarks >= leastAtMarks, row.ToString());
        Assert.Equal(0, row.BoundLines);
    }

    private static IReadOnlyList<TranscribedCue> Shape(List<SpokenWord> words, string language)
    {
        var cues = CueShaper.Shape(words, words[^1].EndMs + 1000, language);
        Assert.Equal(cues, CueShaper.Shape(words, words[^1].EndMs + 1000, language));
        Assert.Equal(string.Concat(words.Select(w => w.Text)), string.Concat(cues.SelectMany(c => c.Text.Split(' ', '\n'))));
        return cues;
    }

    /// <summary>The words of a text, spoken at an even rate, with pauses behind its marks.</summary>
    private static List<SpokenWord> Said(string text, long start, double characterMs, long sentencePauseMs = 0, long clausePauseMs = 0)
    {
        var words = new List<SpokenWord>();
        var at = (double)start;
        foreach (var word in text.Split(' ', '\n'))
        {
            var end = at + ((word.Length + 1) * characterMs);
            words.Add(new SpokenWord(word, (long)at, (long)end));
            var last = word.TrimEnd('"')[^1];
            at =
                end
                + (
                    ".?!".Contains(last) ? sentencePauseMs
                    : ",;:".Contains(last) ? clausePauseMs
                    : 0
                );
        }
        return words;
    }

    private sealed record Row(
        string Text,
        int Cues,
        int MostLines,
        double LongestLine,
        double MeanSpeed,
        double MostSpeed,
        long LeastGapMs,
        long ShortestMs,
        long LongestMs,
        double AtMarks,
        int BoundLines
    )
    {
        public override string ToString() =>
            string.Create(
                    CultureInfo.InvariantCulture,
                    $"""
                    | {Text} | {Cues} | {LongestLine:0%} | {MeanSpeed:0%}, {MostSpeed:0%} | {LeastGapMs} ms | {ShortestMs} to {LongestMs} ms
                     | {AtMarks:0%} | {BoundLines} |
                    """
                )
                .ReplaceLineEndings("");
    }

    private sealed class Table
    {
        private readonly List<Row> _rows = [];

        public Row Measure(string name, IReadOnlyList<TranscribedCue> cues, string language)
        {
            var boundaries = Boundaries.For(language);
            var speeds = cues.Select(c => TextMeasure.Of(c.Text).ReadingMs / (double)(c.EndMs - c.StartMs)).ToArray();
            string[] lines = [.. cues.SelectMany(c => c.Text.Split('\n'))];
            (TranscribedCue First, TranscribedCue Second)[] pairs = [.. cues.Zip(cues.Skip(1))];
            var row = new Row(
                name,
                cues.Count,
                cues.Max(c => c.Text.Split('\n').Length),
                lines.Max(l => TextMeasure.Of(l).Units / (double)TextMeasure.LineUnits),
                speeds.Average(),
                speeds.Max(),
                pairs.Min(p => p.Second.StartMs - p.First.EndMs),
                cues.Min(c => c.EndMs - c.StartMs),
                cues.Max(c => c.EndMs - c.StartMs),
                pairs.Count(p => Between(p.First.Text, p.Second.Text) >= Boundary.Clause) / (double)pairs.Length,
                lines.Zip(lines.Skip(1)).Count(p => Between(p.First, p.Second) == Boundary.Bound)
            );
            _rows.Add(row);
            return row;

            Boundary Between(string before, string behind) =>
                boundaries.Between(new SpokenWord(before.Split(' ', '\n')[^1], 0, 0), new SpokenWord(behind.Split(' ', '\n')[0], 0, 0));
        }

        public override string ToString() =>
            "| text | cues | longest line | time to read: mean, most | least gap | duration | cuts behind a mark "
            + $"| lines that end in an article or preposition |\n{string.Join('\n', _rows)}";
    }
}
