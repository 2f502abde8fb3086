using System.Globalization;
using System.Text.RegularExpressions;
using Subtitles.Transcription.Speech;

namespace Subtitles.Transcription.PocketSphinx;

/// <summary>
/// Reads a line of the recogniser's segment output: <c>id S n T n A n L n</c>, then for each word <c>startFrame acousticScore languageScore
/// word</c>, then the last frame.
/// </summary>
internal static partial class HypothesisLine
{
    private const int HeaderFields = 9;
    private const int FieldsOfWord = 4;

    /// <summary>The words, without pauses and noises. The times are counted from <paramref name="startMs"/>.</summary>
    /// <exception cref="FormatException">The line has another form.</exception>
    public static IReadOnlyList<SpokenWord> Read(string line, string expectedId, long startMs)
    {
        var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < HeaderFields + 1 || (fields.Length - HeaderFields - 1) % FieldsOfWord != 0 || fields[0] != expectedId)
            throw new FormatException($"The recogniser's answer to {expectedId} has an unknown form: {line[..Math.Min(line.Length, 100)]}");
        var words = new List<SpokenWord>();
        for (var i = HeaderFields; i + FieldsOfWord < fields.Length; i += FieldsOfWord)
        {
            var start = ReadFrame(fields[i]);
            var end = ReadFrame(fields[i + FieldsOfWord]);
            if (Polish(fields[i + FieldsOfWord - 1]) is { } word && end > start)
                words.Add(new SpokenWord(word, startMs + start * UtteranceCutter.FrameMs, startMs + end * UtteranceCutter.FrameMs));
        }
        return words;
    }

    /// <summary>
    /// The words of a line of <c>SpeechDecoder</c>: a letter, then for each word <c>firstFrame lastFrame confidence word</c>.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<SpokenWord> ReadLive(string line, long startMs)
    {
        var fields = line.Split(' ');
        if (fields.Length % FieldsOfWord != 1)
            throw new FormatException($"The recogniser's answer has an unknown form: {line[..Math.Min(line.Length, 100)]}");
        var words = new List<SpokenWord>();
        for (var i = 1; i < fields.Length; i += FieldsOfWord)
        {
            if (Polish(fields[i + FieldsOfWord - 1]) is { } word)
                words.Add(
                    new SpokenWord(
                        word,
                        startMs + ReadFrame(fields[i]) * UtteranceCutter.FrameMs,
                        startMs + (ReadFrame(fields[i + 1]) + 1) * UtteranceCutter.FrameMs
                    )
                    {
                        Confidence = double.Parse(fields[i + 2], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture),
                    }
                );
        }
        return words;
    }

    private static long ReadFrame(string field) => long.Parse(field, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>The word as it is written; null for what is no word: <c>&lt;sil&gt;</c>, <c>[NOISE]</c>, <c>++UM++</c>.</summary>
    private static string? Polish(string token)
    {
        if (token[0] is '<' or '[' or '+')
            return null;
        var word = Variant().Replace(token, "");
        return word == "i" || word.StartsWith("i'", StringComparison.Ordinal) ? "I" + word[1..] : word;
    }

    // The second, third … pronunciation of a word in the dictionary.
    [GeneratedRegex(@"\(\d+\)$")]
    private static partial Regex Variant();
}
