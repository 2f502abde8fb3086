using System.Text;
using Subtitles.Cues;
using Subtitles.Formats;

namespace Tests.Unit;

/// <summary>Random input with fixed seeds: what was written comes back, and a mutilated file is either read or refused, never anything
/// else.</summary>
public sealed class SubtitleFuzzTests
{
    private const string Alphabet = "ab &<>-/{}\\\n\r\t.:,;#0123456789\u200B\u00E4\u4E2D-->";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_cues_survive_both_formats(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var cues = RandomCues(random);
            var expected = cues.Select(c => (c.StartMs, c.EndMs, CueText.Normalize(c.Text))).ToArray();
            Assert.Equal(expected, WebVtt.Parse(WebVtt.Write(cues)).Select(c => (c.StartMs, c.EndMs, c.Text)));
            Assert.Equal(expected, SubRip.Parse(SubRip.Write(cues)).Select(c => (c.StartMs, c.EndMs, c.Text)));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void A_mutilated_file_is_read_or_refused(int seed)
    {
        var random = new Random(seed);
        var (read, refused) = (0, 0);
        for (var round = 0; round < 2000; round++)
        {
            var cues = RandomCues(random);
            var isVtt = round % 2 == 0;
            var file = new StringBuilder(isVtt ? WebVtt.Write(cues) : SubRip.Write(cues));
            for (var i = random.Next(1, 6); i > 0 && file.Length > 8; i--)
            {
                var at = random.Next(7, file.Length);
                _ = random.Next(3) switch
                {
                    0 => file.Remove(at, Math.Min(random.Next(1, 20), file.Length - at)),
                    1 => file.Insert(at, Alphabet[random.Next(Alphabet.Length)]),
                    _ => file.Insert(at, file.ToString(0, random.Next(file.Length))),
                };
            }
            try
            {
                foreach (var cue in isVtt ? WebVtt.Parse(file.ToString()) : SubRip.Parse(file.ToString()))
                {
                    Assert.True(cue.EndMs > cue.StartMs && cue.StartMs >= 0);
                    Assert.Equal(CueText.Normalize(cue.Text), cue.Text);
                }
                read++;
            }
            catch (SubtitleFormatException e)
            {
                Assert.InRange(e.Line, 1, file.Length + 1);
                refused++;
            }
        }
        Assert.True(read > 100 && refused > 100, $"The mutations should do both; {read} read, {refused} refused.");
    }

    private static List<Cue> RandomCues(Random random)
    {
        var cues = new List<Cue>();
        var start = 0L;
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            start += random.Next(0, 5_000_000);
            var text = new StringBuilder("t");
            for (var c = random.Next(0, 30); c > 0; c--)
                text.Append(Alphabet[random.Next(Alphabet.Length)]);
            cues.Add(new Cue(CueIds.At(cues.Count), 1, CueState.Final, start, start + random.Next(1, 10_000), text.ToString()));
        }
        return cues;
    }
}
