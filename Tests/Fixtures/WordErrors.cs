using System.Text.RegularExpressions;

namespace Tests.Fixtures;

/// <summary>How much of what was said was heard.</summary>
internal static partial class WordErrors
{
    /// <summary>One minus the words that must be changed, added or taken out, as a share of the words that were said.</summary>
    public static double ShareOfWordsRight(string said, string heard)
    {
        var (reference, hypothesis) = (Words(said), Words(heard));
        var row = Enumerable.Range(0, hypothesis.Length + 1).ToArray();
        for (var i = 1; i <= reference.Length; i++)
        {
            var above = row;
            row = new int[above.Length];
            row[0] = i;
            for (var j = 1; j < row.Length; j++)
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (reference[i - 1] == hypothesis[j - 1] ? 0 : 1));
        }
        return 1 - (double)row[^1] / reference.Length;
    }

    private static string[] Words(string text) => [.. Word().Matches(text.ToLowerInvariant()).Select(m => m.Value)];

    [GeneratedRegex(@"[a-z0-9']+")]
    private static partial Regex Word();
}
