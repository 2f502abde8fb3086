using Subtitles.Transcription.Speech;

namespace Tests.Fixtures;

/// <summary>Sound that a program can understand: each word is a tone of its own, so that whoever hears it can tell which word it is, and
/// where.</summary>
internal static class ToneSpeech
{
    public const int SampleRate = 16_000;
    public const int WordMs = 300;

    private const int GapMs = 100;
    private const int PauseMs = 800;
    private const int WordsOfPhrase = 5;
    private const int LowestTone = 300;
    private const int ToneStep = 10;
    private const int Frame = SampleRate / 100;
    private const int Loud = 1000;

    /// <summary>A WAV file in which the words 0, 1, 2 … are said, five to a phrase. Returns where each begins, in milliseconds.</summary>
    public static async Task<IReadOnlyList<long>> WriteAsync(string path, int words)
    {
        var samples = new List<short>(new short[SampleRate / 2]);
        var starts = new List<long>();
        for (var word = 0; word < words; word++)
        {
            starts.Add(samples.Count * 1000L / SampleRate);
            var tone = LowestTone + ToneStep * word;
            for (var i = 0; i < SampleRate * WordMs / 1000; i++)
                samples.Add((short)(8000 * Math.Sin(2 * Math.PI * tone * i / SampleRate)));
            samples.AddRange(new short[SampleRate * (word % WordsOfPhrase == WordsOfPhrase - 1 ? PauseMs : GapMs) / 1000]);
        }
        await File.WriteAllBytesAsync(path, WaveFile.Write([.. samples], SampleRate));
        return starts;
    }

    /// <summary>The words in a piece of such sound, with the seconds at which each begins and ends.</summary>
    public static List<(int Word, double Start, double End)> Hear(ReadOnlySpan<short> samples)
    {
        var heard = new List<(int, double, double)>();
        var begin = -1;
        for (var at = 0; at <= samples.Length; at += Frame)
        {
            var isLoud = at + Frame <= samples.Length && samples.Slice(at, Frame).ContainsAnyExceptInRange((short)-Loud, (short)Loud);
            if (isLoud && begin < 0)
                begin = at;
            if (isLoud || begin < 0)
                continue;
            heard.Add((WordOf(samples[begin..at]), begin / (double)SampleRate, at / (double)SampleRate));
            begin = -1;
        }
        return heard;
    }

    /// <summary>By the usual length of a wave: a coder adds a wave here and there where pieces meet.</summary>
    private static int WordOf(ReadOnlySpan<short> tone)
    {
        var waves = new List<int>();
        var last = -1;
        for (var i = 1; i < tone.Length; i++)
        {
            if (tone[i - 1] >= 0 || tone[i] < 0)
                continue;
            if (last >= 0)
                waves.Add(i - last);
            last = i;
        }
        waves.Sort();
        var usual = waves.Count == 0 ? 0 : waves[waves.Count / 2];
        var length = waves.Where(w => Math.Abs(w - usual) <= 2).DefaultIfEmpty(1).Average();
        return (int)Math.Round((SampleRate / length - LowestTone) / ToneStep);
    }
}
