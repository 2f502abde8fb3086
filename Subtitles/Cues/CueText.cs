using System.Text;

namespace Subtitles.Cues;

/// <summary>Rules for the text of cues that hold whatever made them.</summary>
public static class CueText
{
    /// <summary>
    /// The text as every reader of a cue can take it: lines separated by LF, no blank line (it would end the cue in both file formats), no
    /// control characters, no space at either end of a line. May be empty.
    /// </summary>
    public static string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var result = new StringBuilder(text.Length);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var start = result.Length;
            foreach (var c in line)
            {
                if (c == '\t')
                    result.Append(' ');
                else if (!char.IsControl(c))
                    result.Append(c);
            }
            TrimFrom(result, start);
            if (result.Length > start)
                result.Append('\n');
        }
        if (result.Length > 0)
            result.Length--;
        return result.ToString();
    }

    private static void TrimFrom(StringBuilder text, int start)
    {
        while (text.Length > start && char.IsWhiteSpace(text[^1]))
            text.Length--;
        var leading = start;
        while (leading < text.Length && char.IsWhiteSpace(text[leading]))
            leading++;
        text.Remove(start, leading - start);
    }
}
