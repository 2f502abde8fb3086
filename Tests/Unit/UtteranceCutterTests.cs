using Subtitles.Transcription.Speech;

namespace Tests.Unit;

public sealed class UtteranceCutterTests
{
    private const int Rate = 16_000;

    [Fact]
    public void Cuts_at_pauses_and_keeps_a_little_of_them()
    {
        var sound = new Sound().Silence(1000).Tone(3000).Silence(700).Tone(2500).Silence(2000);
        var cuts = Cut(sound);
        Assert.Equal(2, cuts.Count);
        Assert.InRange(cuts[0].StartMs, 800, 1000);
        Assert.InRange(cuts[0].EndMs, 4000, 4200);
        Assert.InRange(cuts[1].StartMs, 4500, 4700);
        Assert.InRange(cuts[1].EndMs, 7200, 7400);
        Assert.All(cuts, c => Assert.Equal((c.EndMs - c.StartMs) * Rate / 1000, c.Samples.Length));
    }

    [Fact]
    public void A_background_noise_is_no_speech()
    {
        var cuts = Cut(new Sound().Noise(2000, 300).Tone(2000, noise: 300).Noise(800, 300).Tone(2000, noise: 300).Noise(3000, 300));
        Assert.Equal(2, cuts.Count);
        Assert.InRange(cuts[0].StartMs, 1800, 2010);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Silence_and_faint_hiss_give_nothing(int amplitude) => Assert.Empty(Cut(new Sound().Noise(20_000, amplitude)));

    [Fact]
    public void Sound_without_a_pause_is_cut_all_the_same_and_nothing_is_lost()
    {
        var cuts = Cut(new Sound().Silence(500).Tone(60_000));
        Assert.True(cuts.Count >= 4);
        Assert.All(cuts, c => Assert.InRange(c.EndMs - c.StartMs, 1, 15_000));
        Assert.All(cuts.Zip(cuts.Skip(1)), pair => Assert.Equal(pair.First.EndMs, pair.Second.StartMs));
        Assert.Equal(60_500, cuts[^1].EndMs);
    }

    [Fact]
    public void Speech_that_reaches_the_end_is_kept()
    {
        var cut = Assert.Single(Cut(new Sound().Silence(300).Tone(1000)));
        Assert.Equal(1300, cut.EndMs);
    }

    [Fact]
    public void Live_speech_is_cut_at_shorter_pauses_and_after_a_few_seconds()
    {
        var cuts = Cut(
            new Sound()
                .Silence(500)
                .Tone(300)
                .Silence(450)
                .Tone(1000)
                .Silence(520)
                .Tone(2000)
                .Silence(420)
                .Tone(4000)
                .Silence(320)
                .Tone(20_000),
            UtteranceEnds.Live
        );
        Assert.InRange(cuts[0].EndMs - cuts[0].StartMs, 1750, 2100);
        Assert.InRange(cuts[1].EndMs - cuts[1].StartMs, 2000, 2350);
        Assert.InRange(cuts[2].EndMs - cuts[2].StartMs, 4000, 4350);
        Assert.All(cuts, c => Assert.InRange(c.EndMs - c.StartMs, 1, 8000));
    }

    private static List<Utterance> Cut(Sound sound, UtteranceEnds? ends = null)
    {
        var cutter = new UtteranceCutter(Rate, ends);
        var cuts = new List<Utterance>();
        for (var at = 0; at + cutter.FrameSamples <= sound.Samples.Count; at += cutter.FrameSamples)
        {
            if (cutter.Add(sound.Samples.GetRange(at, cutter.FrameSamples).ToArray()) is { } cut)
                cuts.Add(cut);
        }
        if (cutter.Finish() is { } last)
            cuts.Add(last);
        return cuts;
    }

    private sealed class Sound
    {
        private readonly Random _random = new(5);

        public List<short> Samples { get; } = [];

        public Sound Silence(int ms) => Add(ms, 0, 0);

        public Sound Noise(int ms, int amplitude) => Add(ms, 0, amplitude);

        public Sound Tone(int ms, int noise = 0) => Add(ms, 8000, noise);

        private Sound Add(int ms, int amplitude, int noise)
        {
            for (var i = 0; i < ms * Rate / 1000; i++)
                Samples.Add((short)(amplitude * Math.Sin(i * 2 * Math.PI * 200 / Rate) + _random.Next(-noise, noise + 1)));
            return this;
        }
    }
}
