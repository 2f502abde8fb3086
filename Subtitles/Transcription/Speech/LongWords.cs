using System.Globalization;

namespace Subtitles.Transcription.Speech;

/// <summary>Parts words that are longer than a line: monsters, and whole sentences in scripts that write no spaces.</summary>
internal static class LongWords
{
    /// <summary>The same words, the longer ones in even parts that fit, each with its share of the time. Characters that belong together stay so.</summary>
    public static IReadOnlyList<SpokenWord> Split(IReadOnlyList<SpokenWord> words, int maxCharacters)
    {
        if (words.All(w => w.Text.Length <= maxCharacters))
            return words;
        var parted = new List<SpokenWord>(words.Count + 8);
        foreach (var word in words)
        {
            if (word.Text.Length <= maxCharacters)
                parted.Add(word);
            else
                Part(word, maxCharacters, parted);
        }
        return parted;
    }

    private static void Part(SpokenWord word, int maxCharacters, List<SpokenWord> parted)
    {
        var target = (word.Text.Length + PartsOf(word.Text, maxCharacters) - 1) / PartsOf(word.Text, maxCharacters);
        var boundaries = StringInfo.ParseCombiningCharacters(word.Text);
        for (int start = 0, i = 0; start < word.Text.Length;)
        {
            // One character at least, should it be a monster itself.
            var end = start;
            do
                end = ++i < boundaries.Length ? boundaries[i] : word.Text.Length;
            while (end < word.Text.Length && (i + 1 < boundaries.Length ? boundaries[i + 1] : word.Text.Length) - start <= target);
            parted.Add(new SpokenWord(word.Text[start..end], TimeAt(start), TimeAt(end)) { JoinsPrevious = start > 0 || word.JoinsPrevious, Confidence = word.Confidence });
            start = end;
        }

        long TimeAt(int place) => word.StartMs + (word.EndMs - word.StartMs) * place / word.Text.Length;
    }

    private static int PartsOf(string text, int maxCharacters) => (text.Length + maxCharacters - 1) / maxCharacters;
}
