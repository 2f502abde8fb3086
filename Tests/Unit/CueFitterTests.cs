using System.Diagnostics;
using Subtitles.Cues;
using Subtitles.Formats;
using Subtitles.Transcription;
using Subtitles.Transcription.Embedded;

namespace Tests.Unit;

public sealed class CueFitterTests
{
    private const string FortyOne = "This line is exactly forty-one in length.";

    [Fact]
    public void What_can_be_read_is_left_as_it_is()
    {
        Cue[] cues =
        [
            Cue(0, 5000, "- One says this.\n- And one says that."),
            Cue(5000, 9000, FortyOne + "\n" + FortyOne),
            Cue(9000, 10_000, "one"),
        ];
        Assert.Equal(cues.Select(c => (c.StartMs, c.EndMs, c.Text)), CueFitter.Fit(cues).Select(c => (c.StartMs, c.EndMs, c.Text)));
    }

    [Fact]
    public void A_line_that_is_too_long_is_broken_and_keeps_its_time() =>
        Assert.Equal(
            [(1000L, 6000L, "A line of many words that nobody could\nread at one glance on a small screen")],
            Times(CueFitter.Fit([Cue(1000, 6000, "A line of many words that nobody could read at one glance on a small screen")]))
        );

    [Fact]
    public void Too_many_lines_are_parted_over_the_time_of_the_cue()
    {
        var fitted = CueFitter.Fit([Cue(0, 12_000, FortyOne + "\n" + FortyOne + "\n" + FortyOne + "\n" + FortyOne)]);
        Assert.Equal((0L, 12_000L), (fitted[0].StartMs, fitted[^1].EndMs));
        Assert.All(fitted.Zip(fitted.Skip(1)), pair => Assert.Equal(pair.First.EndMs + 84, pair.Second.StartMs));
        Assert.True(fitted.Count >= 2);
    }

    [Fact]
    public void A_cue_that_is_gone_too_soon_stays_as_far_as_the_next_one_leaves_room() =>
        Assert.Equal(
            [(0L, 834L, "yes"), (2000, 2316, "no"), (2400, 4450, FortyOne)],
            Times(CueFitter.Fit([Cue(0, 100, "yes"), Cue(2000, 2100, "no"), Cue(2400, 2500, FortyOne)]))
        );

    [Fact]
    public void Cues_that_overlap_stay_so() =>
        Assert.Equal([(0L, 5000L, "one"), (1000, 4000, "two")], Times(CueFitter.Fit([Cue(0, 5000, "one"), Cue(1000, 4000, "two")])));

    [Fact]
    public void Whatever_the_cues_are_no_word_is_lost_and_the_lines_keep_their_limits()
    {
        var random = new Random(8);
        for (var round = 0; round < 200; round++)
        {
            var start = 0L;
            var cues = Enumerable
                .Range(0, random.Next(1, 20))
                .Select(_ =>
                {
                    start += random.Next(0, 3000);
                    var words = Enumerable
                        .Range(0, random.Next(1, 60))
                        .Select(_ => new string((char)('a' + random.Next(26)), random.Next(1, 42)));
                    return Cue(
                        start,
                        start + random.Next(1, 8000),
                        CueText.Normalize(string.Concat(words.Select(w => w + (random.Next(8) == 0 ? "\n" : " "))))
                    );
                })
                .ToArray();
            var fitted = CueFitter.Fit(cues);
            Assert.Equal(fitted.OrderBy(c => c.StartMs), fitted);
            Assert.All(
                fitted,
                c =>
                    Assert.True(
                        c.EndMs > c.StartMs && c.Text.Split('\n') is { Length: <= 2 } lines && lines.All(l => l.Length is > 0 and <= 42),
                        c.ToString()
                    )
            );
            Assert.Equal(Words(cues.Select(c => c.Text)), Words(fitted.Select(c => c.Text)));
        }
    }

    [Fact]
    public void A_file_full_of_cues_as_long_as_can_be_is_fitted_in_linear_time_and_canceled_at_once()
    {
        var text = CueText.Normalize(string.Concat(Enumerable.Repeat("a b ", SubtitleLimits.Default.MaxCueCharacters / 4)));
        Cue[] cues = [.. Enumerable.Range(0, 100).Select(i => Cue(i * 1000, i * 1000 + 900, text))];
        var clock = Stopwatch.StartNew();
        CueFitter.Fit(cues[..50]);
        var half = clock.Elapsed;
        CueFitter.Fit(cues);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed}");
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"50 cues in {half.TotalSeconds:0.0} s, 100 in {(clock.Elapsed - half).TotalSeconds:0.0} s"
        );

        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));
        clock.Restart();
        Assert.Throws<OperationCanceledException>(() => CueFitter.Fit(cues, null, stop.Token));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"{clock.Elapsed}");
    }

    private static List<string> Words(IEnumerable<string> texts) =>
        [.. texts.SelectMany(t => t.Split(' ', '\n')).Order(StringComparer.Ordinal)];

    private static Cue Cue(long start, long end, string text) => new("c", 1, CueState.Final, start, end, text);

    private static IEnumerable<(long, long, string)> Times(IEnumerable<TranscribedCue> cues) =>
        cues.Select(c => (c.StartMs, c.EndMs, c.Text));
}
