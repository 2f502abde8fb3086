using System.Globalization;

namespace Subtitles.Transcription.Speech;

/// <summary>
/// Parts words where lines may be broken within them: whole sentences in scripts that write no spaces, and monsters that are longer than
/// a line. Characters that belong together stay so.
/// </summary>
internal static class LongWords
{
    // A word of a script without spaces that is no longer than half a line stays whole.
    private const int MostUnits = TextMeasure.LineUnits / 2;

    // Where nothing shows a phrase. No dictionary is asked, so a cut may be within a word.
    private const int PhraseCharacters = 4;

    private const string NeverFirst =
        "、。，．・：；？！…ー々〜～’”）〕］｝〉》」』】ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.!?:;)]}%";
    private const string NeverLast = "（〔［｛〈《「『【‘“([{";

    /// <summary>The same words, the longer ones in parts, each with its share of the time by length.</summary>
    public static IReadOnlyList<SpokenWord> Split(IReadOnlyList<SpokenWord> words)
    {
        if (words.All(IsWhole))
            return words;
        var parted = new List<SpokenWord>(words.Count + 8);
        foreach (var word in words)
        {
            if (IsWhole(word))
                parted.Add(word);
            else
                Part(word, parted);
        }
        return parted;
    }

    // The shortest text beyond either limit has more characters than these; most words are not measured.
    private static bool IsWhole(SpokenWord word)
    {
        if (word.Text.Length * TextMeasure.WideUnits <= MostUnits)
            return true;
        var measure = TextMeasure.Of(word.Text);
        return measure.Units <= (measure.Wide > 0 ? MostUnits : TextMeasure.LineUnits);
    }

    private static void Part(SpokenWord word, List<SpokenWord> parted)
    {
        var boundaries = StringInfo.ParseCombiningCharacters(word.Text);
        var isWide = TextMeasure.Of(word.Text).Wide > 0;
        var (start, first) = (0, 0);
        for (var i = 1; i <= boundaries.Length; i++)
        {
            var end = i < boundaries.Length ? boundaries[i] : word.Text.Length;
            if (i < boundaries.Length && !(isWide && EndsPhrase(word.Text, end, i - first)))
                continue;
            AddEven(word, start, end, boundaries.AsSpan(first, i - first), parted);
            (start, first) = (end, i);
        }
    }

    private static bool EndsPhrase(string text, int at, int characters)
    {
        var (before, behind) = (text[at - 1], text[at]);
        if (NeverFirst.Contains(behind) || NeverLast.Contains(before))
            return false;
        if (NeverFirst.Contains(before) && char.IsPunctuation(before))
            return true;
        var isWithinLetters = char.IsAsciiLetterOrDigit(before) && char.IsAsciiLetterOrDigit(behind);
        return !isWithinLetters && (characters >= PhraseCharacters || (Boundaries.IsKana(before) && !Boundaries.IsKana(behind)));
    }

    /// <summary>A part of the word; in even pieces where it is longer than a line.</summary>
    private static void AddEven(SpokenWord word, int start, int end, ReadOnlySpan<int> boundaries, List<SpokenWord> parted)
    {
        var units = TextMeasure.Of(word.Text.AsSpan(start, end - start)).Units;
        var pieces = (units + TextMeasure.LineUnits - 1) / TextMeasure.LineUnits;
        var target = (units + pieces - 1) / pieces;
        for (var i = 0; start < end; )
        {
            // One character at least, should it be a monster itself.
            var (stop, length) = (start, 0);
            do
            {
                var next = ++i < boundaries.Length ? boundaries[i] : end;
                length += TextMeasure.Of(word.Text.AsSpan(stop, next - stop)).Units;
                stop = next;
            } while (stop < end && length + UnitsAt(i, boundaries, end, word.Text) <= target);
            parted.Add(
                word with
                {
                    Text = word.Text[start..stop],
                    StartMs = TimeAt(start),
                    EndMs = TimeAt(stop),
                    JoinsPrevious = start > 0 || word.JoinsPrevious,
                }
            );
            start = stop;
        }

        long TimeAt(int place) => word.StartMs + (word.EndMs - word.StartMs) * place / word.Text.Length;
    }

    private static int UnitsAt(int i, ReadOnlySpan<int> boundaries, int end, string text) =>
        TextMeasure.Of(text.AsSpan(boundaries[i], (i + 1 < boundaries.Length ? boundaries[i + 1] : end) - boundaries[i])).Units;
}
