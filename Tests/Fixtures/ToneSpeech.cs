using Subtitles.Transcription.Speech;

namespace Tests.Fixtures;

/// <summary>Sound that a program can understand: each word is a tone of its own, so that whoever hears it can tell which word it is, and where.</summary>
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

    private static int WordOf(ReadOnlySpan<short> tone)
    {
        var (first, last, crossings) = (-1, -1, 0);
        for (var i = 1; i < tone.Length; i++)
        {
            if (tone[i - 1] >= 0 || tone[i] < 0)
                continue;
            first = first < 0 ? i : first;
            (last, crossings) = (i, crossings + 1);
        }
        var frequency = crossings < 2 ? 0 : (crossings - 1) * (double)SampleRate / (last - first);
        return (int)Math.Round((frequency - LowestTone) / ToneStep);
    }
}
