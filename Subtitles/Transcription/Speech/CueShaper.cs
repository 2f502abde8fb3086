using Subtitles.Cues;

namespace Subtitles.Transcription.Speech;

/// <summary>
/// Makes cues that can be read out of the words of one utterance: at most two lines of 42 characters and 7 s, rather cut at a pause than within a phrase, of even length
/// rather than with a straggler at the end, no word lost. The same words give the same cues.
/// </summary>
internal static class CueShaper
{
    public const int MaxLineCharacters = 42;

    private const int MaxCharacters = 2 * MaxLineCharacters + 1;
    private const long MaxDurationMs = 7000;
    private const long MinDurationMs = 833;

    /// <summary>Shapes.</summary>
    /// <param name="words">The words in their order.</param>
    /// <param name="limitMs">Up to where the last cue may stay on the screen: the end of the utterance.</param>
    public static IReadOnlyList<TranscribedCue> Shape(IReadOnlyList<SpokenWord> words, long limitMs)
    {
        var cues = new List<TranscribedCue>();
        var ends = FindCuts(words);
        for (var first = 0; first < words.Count;)
        {
            var end = ends[first];
            var start = words[first].StartMs;
            var latest = end < words.Count ? words[end].StartMs : Math.Max(limitMs, words[^1].EndMs);
            var stop = Math.Min(Math.Max(words[end - 1].EndMs, start + MinDurationMs), latest);
            cues.Add(new TranscribedCue(CueState.Final, start, Math.Max(stop, start + 1), Break(words, first, end)));
            first = end;
        }
        return cues;
    }

    /// <summary>For each word the end of the cue that begins with it, on the cheapest way to the last word (computed from the back).</summary>
    private static int[] FindCuts(IReadOnlyList<SpokenWord> words)
    {
        var cost = new double[words.Count + 1];
        var ends = new int[words.Count];
        for (var first = words.Count - 1; first >= 0; first--)
        {
            cost[first] = double.PositiveInfinity;
            var length = -1;
            for (var end = first + 1; end <= words.Count; end++)
            {
                length += words[end - 1].Text.Length + 1;
                // A word alone is always allowed: a monster of one is no reason to lose it.
                var fits = end == first + 1 || (length <= MaxCharacters && FindLineBreak(words, first, end) is not null
                    && words[end - 1].EndMs - words[first].StartMs <= MaxDurationMs);
                if (!fits)
                    break;
                var total = cost[end] + CostOfCue(length) + (end < words.Count ? CostOfCut(words[end].StartMs - words[end - 1].EndMs) : 0);
                if (total < cost[first])
                    (cost[first], ends[first]) = (total, end);
            }
        }
        return ends;
    }

    // Fewer cues come first, then evenness: the square makes two of 40 cheaper than 70 and 10.
    private static double CostOfCue(int length) => 100 + Math.Pow(Math.Max(0, MaxCharacters - length) / 10.0, 2);

    private static double CostOfCut(long pauseMs) => pauseMs switch
    {
        >= 300 => 0,
        >= 100 => 25,
        _ => 60,
    };

    /// <summary>The first word of the second line; 0 where one line is enough; null where two are not.</summary>
    private static int? FindLineBreak(IReadOnlyList<SpokenWord> words, int first, int end)
    {
        var total = LengthOf(words, first, end);
        if (total <= MaxLineCharacters)
            return 0;
        int? best = null;
        var bestDifference = int.MaxValue;
        var upper = -1;
        for (var second = first + 1; second < end; second++)
        {
            upper += words[second - 1].Text.Length + 1;
            var lower = total - upper - 1;
            if (upper <= MaxLineCharacters && lower <= MaxLineCharacters && Math.Abs(upper - lower) < bestDifference)
                (best, bestDifference) = (second, Math.Abs(upper - lower));
        }
        return best;
    }

    private static int LengthOf(IReadOnlyList<SpokenWord> words, int first, int end)
    {
        var length = end - first - 1;
        for (var i = first; i < end; i++)
            length += words[i].Text.Length;
        return length;
    }

    private static string Break(IReadOnlyList<SpokenWord> words, int first, int end)
    {
        var texts = words.Skip(first).Take(end - first).Select(w => w.Text).ToArray();
        return FindLineBreak(words, first, end) is { } second and > 0
            ? string.Join(' ', texts[..(second - first)]) + "\n" + string.Join(' ', texts[(second - first)..])
            : string.Join(' ', texts);
    }
}
