using System.Text;
using Subtitles.Cues;

namespace Subtitles.Transcription.Speech;

/// <summary>
/// Makes cues that can be read out of words, after Netflix's Timed Text Style Guides: at most two lines of 42 narrow or 16 wide
/// characters and 7 s; cut, and broken into lines, rather behind a sentence, a clause
/// or a pause than within a phrase; of even length rather than with a straggler at the end; no word lost. A cue stays for the time to
/// read it (<see cref="TextMeasure.ReadingMs"/>) as far as the next word leaves
/// room, and cuts are set where it does. Two frames are free between cues. The same words give the same cues.
/// </summary>
internal static class CueShaper
{
    private const int LineUnits = TextMeasure.LineUnits;
    private const int MaxUnits = (2 * LineUnits) + TextMeasure.NarrowUnits;
    private const long MaxDurationMs = 7000;

    // Above that of any break.
    private const double CostOfNoBreak = 200;

    /// <summary>Shapes.</summary>
    /// <param name="words">The words in their order.</param>
    /// <param name="limitMs">Up to where nothing else is said: the end of the utterance. The last cue leaves the gap before it.</param>
    /// <param name="language">The language of the words; null where it is not known.</param>
    /// <param name="maxDurationMs">The most time from the beginning of a cue's first word to the end of its last.</param>
    /// <param name="hasWords">Whether the cues are to have their words.</param>
    public static IReadOnlyList<TranscribedCue> Shape(
        IReadOnlyList<SpokenWord> words,
        long limitMs,
        string? language = null,
        long maxDurationMs = MaxDurationMs,
        bool hasWords = false
    )
    {
        words = LongWords.Split(words);
        var cues = new List<TranscribedCue>();
        var text = new SpokenText(words, Boundaries.For(language));
        var ends = FindCuts(text, limitMs, maxDurationMs);
        for (var first = 0; first < words.Count; )
        {
            var end = ends[first];
            var start = words[first].StartMs;
            var lines = Break(text, first, end);
            var roomEnd = start + CueGap.Leave(RoomEnd(words, end, limitMs) - start);
            var stop = Math.Min(Math.Max(words[end - 1].EndMs, start + TextMeasure.Of(lines).ReadingMs), roomEnd);
            // A gap of less than half a second is seen as a flicker: it is closed to the smallest one.
            if (end < words.Count && roomEnd - stop < CueGap.ClosedBelowMs && roomEnd - start <= MaxDurationMs)
                stop = roomEnd;
            cues.Add(
                new TranscribedCue(CueState.Final, start, Math.Max(stop, start + 1), lines)
                {
                    Words = hasWords
                        ? [.. words.Take(first..end).Select(w => new CueWord(w.Text, w.StartMs, w.EndMs, w.Confidence))]
                        : null,
                }
            );
            first = end;
        }
        return cues;
    }

    private static long RoomEnd(IReadOnlyList<SpokenWord> words, int end, long limitMs) =>
        end < words.Count ? words[end].StartMs : Math.Max(limitMs, words[^1].EndMs);

    /// <summary>For each word the end of the cue that begins with it, on the cheapest way to the last word (computed from the
    /// back).</summary>
    private static int[] FindCuts(SpokenText text, long limitMs, long maxDurationMs)
    {
        var words = text.Words;
        var cost = new double[words.Count + 1];
        var ends = new int[words.Count];
        for (var first = words.Count - 1; first >= 0; first--)
        {
            cost[first] = double.PositiveInfinity;
            // The fullest first line leaves the least for the second: if that does not fit, no other break does.
            var secondLine = first;
            for (var end = first + 1; end <= words.Count; end++)
            {
                var measure = text.Measure(first, end);
                var isOneLine = measure.Units <= LineUnits;
                if (isOneLine)
                    secondLine = end;
                var fitsLines = isOneLine || (secondLine > first && text.Measure(secondLine, end).Units <= LineUnits);
                // A word alone is always allowed: a monster of one is no reason to lose it.
                var duration = words[end - 1].EndMs - words[first].StartMs;
                if (end > first + 1 && (measure.Units > MaxUnits || !fitsLines || duration > maxDurationMs))
                    break;
                var room = CueGap.Leave(RoomEnd(words, end, limitMs) - words[first].StartMs);
                var total =
                    cost[end]
                    + CostOfCue(measure.Units)
                    + CostOfHaste(room, measure.ReadingMs)
                    + text.CostOfPassing(first, end)
                    + (isOneLine ? 0 : FindLineBreak(text, first, secondLine, end).Cost)
                    + (end < words.Count ? CostOfCut(text, end) : 0);
                if (total < cost[first])
                    (cost[first], ends[first]) = (total, end);
            }
        }
        return ends;
    }

    // Fewer cues come first, then evenness: the square makes two of 40 characters cheaper than 70 and 10.
    private static double CostOfCue(int units)
    {
        var missing = Math.Max(0, MaxUnits - units) / (10.0 * TextMeasure.NarrowUnits);
        return 100 + (missing * missing);
    }

    // A cue that is gone before it is read is worse than one more or a cut within a phrase.
    private static double CostOfHaste(long roomMs, long neededMs) => roomMs >= neededMs ? 0 : 400.0 * (neededMs - roomMs) / neededMs;

    private static double CostOfCut(SpokenText text, int at) =>
        text.Before(at) switch
        {
            Boundary.Sentence => 0,
            _ when text.Words[at].StartMs - text.Words[at - 1].EndMs >= Boundaries.PauseMs => 0,
            Boundary.Clause => 15,
            Boundary.Phrase => 40,
            Boundary.None => 60,
            _ => 120,
        };

    // In characters by which the lines may differ in length.
    private static int CostOfBreak(Boundary boundary) =>
        boundary switch
        {
            Boundary.Sentence => 0,
            Boundary.Clause => 5,
            Boundary.Phrase => 20,
            Boundary.None => 30,
            _ => 55,
        };

    /// <summary>The first word of the second line and what the break costs; 0 for the word where two lines are not enough.</summary>
    /// <param name="text">The text.</param>
    /// <param name="first">The first word of the first line.</param>
    /// <param name="last">The last word that can begin the second line.</param>
    /// <param name="end">The word behind the second line.</param>
    private static (int Word, double Cost) FindLineBreak(SpokenText text, int first, int last, int end)
    {
        var (best, bestCost) = (0, CostOfNoBreak);
        for (var second = Math.Min(last, end - 1); second > first; second--)
        {
            var (upper, lower) = (text.Measure(first, second).Units, text.Measure(second, end).Units);
            if (lower > LineUnits)
                break;
            var cost = CostOfBreak(text.Before(second)) + (Math.Abs(upper - lower) / (double)TextMeasure.NarrowUnits);
            if (cost <= bestCost)
                (best, bestCost) = (second, cost);
        }
        return (best, bestCost);
    }

    private static string Break(SpokenText text, int first, int end)
    {
        var last = first;
        while (last < end && text.Measure(first, last + 1).Units <= LineUnits)
            last++;
        var lineBreak = last == end ? 0 : FindLineBreak(text, first, last, end).Word;
        var lines = new StringBuilder(text.Words[first].Text);
        for (var i = first + 1; i < end; i++)
            lines
                .Append(
                    i == lineBreak ? "\n"
                    : text.Words[i].JoinsPrevious ? ""
                    : " "
                )
                .Append(text.Words[i].Text);
        return lines.ToString();
    }
}
