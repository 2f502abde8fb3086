using System.Text;
using Subtitles.Cues;

namespace Subtitles.Transcription.Speech;

/// <summary>
/// Makes cues that can be read out of words: at most two lines of 42 characters and 7 s, rather cut at a pause than within a phrase, of even length rather than with a straggler at the
/// end, no word lost. A cue stays for 5/6 s and for 20 characters a second as far as the next word leaves room, and cuts are set where it does. The same words give the same cues.
/// </summary>
internal static class CueShaper
{
    public const int MaxLineCharacters = 42;

    private const int MaxCharacters = 2 * MaxLineCharacters + 1;
    private const long MaxDurationMs = 7000;
    // 5/6 of a second, rounded up.
    private const long MinDurationMs = 834;
    private const int CharactersPerSecond = 20;

    /// <summary>Shapes.</summary>
    /// <param name="words">The words in their order.</param>
    /// <param name="limitMs">Up to where the last cue may stay on the screen: the end of the utterance.</param>
    /// <param name="maxDurationMs">The most time from the beginning of a cue's first word to the end of its last.</param>
    /// <param name="hasWords">Whether the cues are to have their words.</param>
    public static IReadOnlyList<TranscribedCue> Shape(IReadOnlyList<SpokenWord> words, long limitMs, long maxDurationMs = MaxDurationMs, bool hasWords = false)
    {
        words = LongWords.Split(words, MaxLineCharacters);
        var cues = new List<TranscribedCue>();
        var ends = FindCuts(words, limitMs, maxDurationMs);
        for (var first = 0; first < words.Count;)
        {
            var end = ends[first];
            var start = words[first].StartMs;
            var text = Break(words, first, end);
            var stop = Math.Min(Math.Max(words[end - 1].EndMs, start + TimeToRead(text.Length)), RoomEnd(words, end, limitMs));
            cues.Add(new TranscribedCue(CueState.Final, start, Math.Max(stop, start + 1), text)
            {
                Words = hasWords ? [.. words.Skip(first).Take(end - first).Select(w => new CueWord(w.Text, w.StartMs, w.EndMs, w.Confidence))] : null,
            });
            first = end;
        }
        return cues;
    }

    /// <summary>How long a cue should stay, in milliseconds.</summary>
    public static long TimeToRead(int characters) => Math.Max(MinDurationMs, (characters * 1000L + CharactersPerSecond - 1) / CharactersPerSecond);

    private static long RoomEnd(IReadOnlyList<SpokenWord> words, int end, long limitMs) => end < words.Count ? words[end].StartMs : Math.Max(limitMs, words[^1].EndMs);

    /// <summary>For each word the end of the cue that begins with it, on the cheapest way to the last word (computed from the back).</summary>
    private static int[] FindCuts(IReadOnlyList<SpokenWord> words, long limitMs, long maxDurationMs)
    {
        var cost = new double[words.Count + 1];
        var ends = new int[words.Count];
        for (var first = words.Count - 1; first >= 0; first--)
        {
            cost[first] = double.PositiveInfinity;
            var length = 0;
            // The fullest first line leaves the least for the second: if that does not fit, no other break does.
            var (upper, secondLine) = (0, first);
            for (var end = first + 1; end <= words.Count; end++)
            {
                length += words[end - 1].Text.Length + (end - 1 > first ? words[end - 1].GapLength : 0);
                if (length <= MaxLineCharacters)
                    (upper, secondLine) = (length, end);
                var fitsLines = length <= MaxLineCharacters || (secondLine > first && length - upper - words[secondLine].GapLength <= MaxLineCharacters);
                // A word alone is always allowed: a monster of one is no reason to lose it.
                var fits = end == first + 1 || (length <= MaxCharacters && fitsLines && words[end - 1].EndMs - words[first].StartMs <= maxDurationMs);
                if (!fits)
                    break;
                var room = RoomEnd(words, end, limitMs) - words[first].StartMs;
                var total = cost[end] + CostOfCue(length) + CostOfHaste(room, TimeToRead(length)) + (end < words.Count ? CostOfCut(words[end].StartMs - words[end - 1].EndMs) : 0);
                if (total < cost[first])
                    (cost[first], ends[first]) = (total, end);
            }
        }
        return ends;
    }

    // Fewer cues come first, then evenness: the square makes two of 40 cheaper than 70 and 10.
    private static double CostOfCue(int length)
    {
        var missing = Math.Max(0, MaxCharacters - length) / 10.0;
        return 100 + missing * missing;
    }

    // A cue that is gone before it is read is worse than one more or a cut within a phrase.
    private static double CostOfHaste(long roomMs, long neededMs) => roomMs >= neededMs ? 0 : 400.0 * (neededMs - roomMs) / neededMs;

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
        var upper = words[first].Text.Length;
        for (var second = first + 1; second < end; second++)
        {
            var lower = total - upper - words[second].GapLength;
            if (upper <= MaxLineCharacters && lower <= MaxLineCharacters && Math.Abs(upper - lower) < bestDifference)
                (best, bestDifference) = (second, Math.Abs(upper - lower));
            upper += words[second].GapLength + words[second].Text.Length;
        }
        return best;
    }

    private static int LengthOf(IReadOnlyList<SpokenWord> words, int first, int end)
    {
        var length = words[first].Text.Length;
        for (var i = first + 1; i < end; i++)
            length += words[i].GapLength + words[i].Text.Length;
        return length;
    }

    private static string Break(IReadOnlyList<SpokenWord> words, int first, int end)
    {
        var lineBreak = FindLineBreak(words, first, end) is { } second and > 0 ? second : -1;
        var text = new StringBuilder(words[first].Text);
        for (var i = first + 1; i < end; i++)
            text.Append(i == lineBreak ? "\n" : words[i].GapLength > 0 ? " " : "").Append(words[i].Text);
        return text.ToString();
    }
}
