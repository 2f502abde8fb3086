using Subtitles.Transcription.Speech;

namespace Tests.Unit;

public sealed class SegmentJoinerTests
{
    private const int Rate = 1000;

    [Fact]
    public void Joins_up_to_the_limit_and_leaves_long_pauses_out()
    {
        var joiner = new SegmentJoiner(Rate, TimeSpan.FromSeconds(30));
        Assert.Null(joiner.Add(Utterance(1000, 6000)));
        Assert.Null(joiner.Add(Utterance(6500, 10_500)));
        var first = joiner.Add(Utterance(11_000, 20_000))!;
        Assert.Equal((1000L, 10_500L, 0L, 10_700L), (first.StartMs, first.EndMs, first.FreeFromMs, first.FreeUntilMs));
        Assert.Null(joiner.Add(Utterance(21_000, 40_000)));
        var second = joiner.Add(Utterance(43_000, 44_000))!;
        Assert.Equal((11_000L, 40_000L, 10_700L, 40_200L), (second.StartMs, second.EndMs, second.FreeFromMs, second.FreeUntilMs));
        var third = joiner.Finish()!;
        Assert.Equal((43_000L, 44_000L, 40_200L), (third.StartMs, third.EndMs, third.FreeFromMs));
        Assert.Null(joiner.Finish());
    }

    [Fact]
    public void The_sound_stands_at_its_place_with_silence_between()
    {
        var joiner = new SegmentJoiner(Rate, TimeSpan.FromSeconds(30));
        joiner.Add(Utterance(100, 102));
        joiner.Add(Utterance(105, 107));
        Assert.Equal([7, 7, 0, 0, 0, 7, 7], joiner.Finish()!.Samples);
    }

    private static Utterance Utterance(long start, long end) =>
        new(start, end, end + 200, [.. Enumerable.Repeat((short)7, (int)(end - start))]);
}
