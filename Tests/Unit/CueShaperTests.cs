using Subtitles.Transcription;
using Subtitles.Transcription.Speech;

namespace Tests.Unit;

public sealed class CueShaperTests
{
    [Fact]
    public void No_word_is_lost_and_the_limits_hold_for_any_words()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var words = RandomWords(random);
            var limit = words[^1].EndMs + random.Next(0, 500);
            var cues = CueShaper.Shape(words, limit);
            Assert.Equal(words.Select(w => w.Text), cues.SelectMany(c => c.Text.Split(' ', '\n')));
            var before = 0L;
            foreach (var cue in cues)
            {
                Assert.True(cue.StartMs >= before && cue.EndMs > cue.StartMs && cue.EndMs <= limit, $"{before} {cue} {limit}");
                before = cue.EndMs;
            }
            AssertReadable(cues.Select(c => c.Text));
        }
    }

    [Fact]
    public void Cuts_at_the_pause_and_not_within_a_phrase()
    {
        var words = Words(0, "the", "producer", "writes", "the", "event", "to", "a", "log", "of", "events");
        words.AddRange(Words(words[^1].EndMs + 400, "and", "rings", "a", "bell", "so", "that", "every", "server", "hears", "of", "it"));
        Assert.Equal(
            ["the producer writes the\nevent to a log of events", "and rings a bell so that\nevery server hears of it"],
            CueShaper.Shape(words, words[^1].EndMs).Select(c => c.Text)
        );
        Assert.Equal(
            ["the producer writes the event\nto a log of events", "and rings a bell\nso that every server hears of it"],
            CueShaper.Shape(words, words[^1].EndMs, "en-GB").Select(c => c.Text)
        );
    }

    [Fact]
    public void Speech_of_a_usual_rate_always_keeps_the_times_to_read()
    {
        var random = new Random(12);
        for (var round = 0; round < 200; round++)
        {
            var words = RandomWords(random, perCharacterMs: 55);
            var cues = CueShaper.Shape(words, words[^1].EndMs + 900);
            Assert.All(
                cues,
                c => Assert.True(c.EndMs - c.StartMs >= 833 && c.Text.Length <= 20 * (c.EndMs - c.StartMs) / 1000.0, c.ToString())
            );
        }
    }

    [Fact]
    public void Hasty_speech_has_all_the_room_there_is()
    {
        var words = Enumerable.Range(0, 40).Select(i => new SpokenWord("abcdefgh", i * 100, i * 100 + 100)).ToArray();
        var cues = CueShaper.Shape(words, 10_000);
        Assert.All(cues.Zip(cues.Skip(1)), pair => Assert.Equal(pair.Second.StartMs - 84, pair.First.EndMs));
        Assert.Equal(cues[^1].StartMs + cues[^1].Text.Length * 50, cues[^1].EndMs);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(500)]
    public void A_word_beyond_a_line_is_parted_and_keeps_every_character(int length)
    {
        var monster = new string('x', length);
        var cues = CueShaper.Shape([new("a", 0, 100), new(monster, 100, 100 + length * 60), new("b", 100 + length * 60, 100_000)], 100_000);
        AssertReadable(cues.Select(c => c.Text));
        Assert.Equal(
            $"a{monster}b",
            string.Concat(cues.Select(c => c.Text)).Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Characters_that_belong_together_are_not_parted()
    {
        var text = string.Concat(Enumerable.Repeat("e\u0301\U0001F600", 40));
        var lines = CueShaper.Shape([new(text, 0, 20_000)], 20_000).SelectMany(c => c.Text.Split('\n')).ToArray();
        Assert.Equal(text, string.Concat(lines));
        Assert.All(lines, l => Assert.False(char.IsLowSurrogate(l[0]) || l[0] == '\u0301'));
    }

    [Fact]
    public void A_short_cue_stays_as_long_as_it_may()
    {
        Assert.Equal(834, CueShaper.Shape(Words(0, "yes"), 2000)[0].EndMs);
        Assert.Equal(400 - 84, CueShaper.Shape(Words(0, "yes"), 400)[0].EndMs);
    }

    [Fact]
    public void What_was_said_up_to_a_cut_is_known_from_the_last_cue()
    {
        var random = new Random(13);
        for (var round = 0; round < 300; round++)
        {
            var words = RandomWords(random);
            var limit = words[^1].EndMs + random.Next(0, 500);
            var cues = CueShaper.Shape(words, limit, "en");
            for (var (i, said) = (0, 0); i < cues.Count; i++)
            {
                said += cues[i].Text.Split(' ', '\n').Length;
                var until = new ResumePoint(i + 1, cues[i].StartMs, cues[i].EndMs).SaidUntilMs;
                Assert.True(words[said - 1].StartMs < until, $"{until} {words[said - 1]}");
                Assert.True(said == words.Count || until <= words[said].StartMs, $"{until} {words[said - 1]}");
                // Going on from there gives the same cues.
                if (said < words.Count)
                    Assert.Equal(cues.Skip(i + 1), CueShaper.Shape(words[said..], limit, "en"));
            }
        }
    }

    [Fact]
    public void No_words_make_no_cue() => Assert.Empty(CueShaper.Shape([], 1000));

    private static List<SpokenWord> Words(long start, params string[] texts) =>
        [.. texts.Select((t, i) => new SpokenWord(t, start + i * 200, start + (i + 1) * 200))];

    private static void AssertReadable(IEnumerable<string> texts) =>
        Assert.All(
            texts,
            text => Assert.True(text.Split('\n') is { Length: <= 2 } lines && lines.All(l => l.Length is > 0 and <= 42), text)
        );

    private static List<SpokenWord> RandomWords(Random random, int? perCharacterMs = null)
    {
        var words = new List<SpokenWord>();
        var at = 0L;
        for (var i = random.Next(1, 60); i > 0; i--)
        {
            at += random.Next(0, 4) == 0 ? random.Next(0, 800) : 0;
            var text = new string('w', random.Next(1, 15));
            var end = at + (perCharacterMs * (text.Length + 1) ?? random.Next(20, 900));
            words.Add(new SpokenWord(text, at, end));
            at = end;
        }
        return words;
    }
}
