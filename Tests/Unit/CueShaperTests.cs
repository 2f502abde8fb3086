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
                var lines = cue.Text.Split('\n');
                Assert.True(lines.Length <= 2 && lines.All(l => l.Length <= CueShaper.MaxLineCharacters), cue.Text);
            }
        }
    }

    [Fact]
    public void Cuts_at_the_pause_and_not_within_a_phrase()
    {
        var words = Words(0, "the", "producer", "writes", "the", "event", "to", "a", "log", "of", "events");
        words.AddRange(Words(words[^1].EndMs + 400, "and", "rings", "a", "bell", "so", "that", "every", "server", "hears", "of", "it"));
        Assert.Equal(
            ["the producer writes the\nevent to a log of events", "and rings a bell so that\nevery server hears of it"],
            CueShaper.Shape(words, words[^1].EndMs).Select(c => c.Text));
    }

    [Fact]
    public void A_word_beyond_every_line_stands_alone()
    {
        var monster = new string('x', 60);
        Assert.Equal(["a", monster, "b"], CueShaper.Shape(Words(0, "a", monster, "b"), 10_000).Select(c => c.Text));
    }

    [Fact]
    public void A_short_cue_stays_as_long_as_it_may()
    {
        Assert.Equal(833, CueShaper.Shape(Words(0, "yes"), 2000)[0].EndMs);
        Assert.Equal(400, CueShaper.Shape(Words(0, "yes"), 400)[0].EndMs);
    }

    [Fact]
    public void No_words_make_no_cue() => Assert.Empty(CueShaper.Shape([], 1000));

    private static List<SpokenWord> Words(long start, params string[] texts) =>
        [.. texts.Select((t, i) => new SpokenWord(t, start + i * 200, start + (i + 1) * 200))];

    private static List<SpokenWord> RandomWords(Random random)
    {
        var words = new List<SpokenWord>();
        var at = 0L;
        for (var i = random.Next(1, 60); i > 0; i--)
        {
            at += random.Next(0, 4) == 0 ? random.Next(0, 800) : 0;
            var end = at + random.Next(20, 900);
            words.Add(new SpokenWord(new string('w', random.Next(1, 15)), at, end));
            at = end;
        }
        return words;
    }
}
