using Subtitles.Transcription.OpenAi;
using Subtitles.Transcription.Speech;

namespace Tests.Unit;

public sealed class WordTimesTests
{
    private static readonly SoundSegment Segment = new(10_000, 20_000, 9_500, 20_400, []);

    [Fact]
    public void The_text_has_the_words_and_their_list_the_times()
    {
        var words = WordTimes.Of(
            new OpenAiAnswer
            {
                Text = "Well, it's 20% here.",
                Segments = [new(0.5, 4, " Well, it's 20% here.")],
                Words =
                [
                    new(0.5, 0.9, "Well"),
                    new(1.0, 1.2, "it's"),
                    new(1.5, 2.5, "twenty"),
                    new(2.5, 3, "percent"),
                    new(3.2, 4, "here"),
                ],
            },
            Segment
        );
        Assert.Equal(["Well,", "it's", "20%", "here."], words.Select(w => w.Text));
        Assert.Equal([(10_500L, 10_900L), (11_000, 11_200), (11_200, 13_200), (13_200, 14_000)], words.Select(w => (w.StartMs, w.EndMs)));
    }

    [Fact]
    public void Without_words_the_segments_share_out_their_time_by_length()
    {
        var words = WordTimes.Of(new OpenAiAnswer { Text = "x", Segments = [new(0, 2, "one two"), new(5, 6, "three")] }, Segment);
        Assert.Equal(
            [("one", 10_000L, 11_000L), ("two", 11_000, 12_000), ("three", 15_000, 16_000)],
            words.Select(w => (w.Text, w.StartMs, w.EndMs))
        );
    }

    [Fact]
    public void Whatever_the_times_are_no_word_is_lost_and_none_stands_outside_of_its_place()
    {
        var random = new Random(4);
        double[] odd = [double.NaN, double.PositiveInfinity, -5, 0, 1e9, 3];
        for (var round = 0; round < 500; round++)
        {
            var texts = Enumerable
                .Range(0, random.Next(1, 20))
                .Select(_ => new string((char)('a' + random.Next(4)), random.Next(1, 5)) + (random.Next(4) == 0 ? "," : ""))
                .ToArray();
            var answer = new OpenAiAnswer
            {
                Text = string.Join(' ', texts),
                Segments = random.Next(2) == 0 ? null : [new(Time(), Time(), string.Join(' ', texts))],
                Words =
                    random.Next(3) == 0
                        ? null
                        : [.. texts.Where(_ => random.Next(4) != 0).Select(t => new OpenAiAnswer.Word(Time(), Time(), t))],
            };
            var words = WordTimes.Of(answer, Segment);
            Assert.Equal(texts, words.Select(w => w.Text));
            Assert.All(
                words,
                w => Assert.True(w.StartMs >= Segment.FreeFromMs && w.EndMs <= Segment.FreeUntilMs && w.EndMs >= w.StartMs, w.ToString())
            );
        }

        double Time() => random.Next(10) == 0 ? odd[random.Next(odd.Length)] : random.NextDouble() * 12;
    }

    [Fact]
    public void Silence_is_no_word() => Assert.Empty(WordTimes.Of(new OpenAiAnswer { Text = " ", Segments = [] }, Segment));
}
