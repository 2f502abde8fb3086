using System.Text;
using Subtitles.Cues;

namespace Subtitles.Formats;

/// <summary>Writes what was said as text to read: a line for each cue, and a blank one where somebody paused.</summary>
public static class PlainText
{
    private const long ParagraphPauseMs = 2000;

    /// <summary>The text.</summary>
    /// <param name="cues">The cues, in the order of their start.</param>
    public static string Write(IEnumerable<Cue> cues)
    {
        ArgumentNullException.ThrowIfNull(cues);
        var text = new StringBuilder();
        long? endMs = null;
        foreach (var cue in cues)
        {
            if (cue.StartMs - endMs >= ParagraphPauseMs)
                text.Append('\n');
            text.Append(cue.Text.Replace('\n', ' ')).Append('\n');
            endMs = Math.Max(endMs ?? 0, cue.EndMs);
        }
        return text.ToString();
    }
}
