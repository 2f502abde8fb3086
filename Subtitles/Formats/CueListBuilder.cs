using System.Text;
using Subtitles.Cues;

namespace Subtitles.Formats;

/// <summary>What both readers share: the text of a cue up to the end of its block, the checks of its times, and the limits.</summary>
internal sealed class CueListBuilder(LineReader lines, SubtitleLimits limits)
{
    private readonly List<Cue> _cues = [];

    public IReadOnlyList<Cue> Cues => _cues;

    /// <summary>Reads the text lines that follow a timing line, and adds the cue.</summary>
    public void AddCue(string? identifier, (long StartMs, long EndMs) times, Func<string, bool> endsBlock, Func<string, string> toPlainText)
    {
        var timingLine = lines.Number;
        if (times.EndMs <= times.StartMs)
            throw new SubtitleFormatException(timingLine, "The cue ends at or before its start; its end must be later.");
        if (_cues.Count == limits.MaxCues)
            throw new SubtitleFormatException(timingLine, $"The file has more than {limits.MaxCues} cues; split it or send a smaller one.");
        var text = new StringBuilder();
        while (lines.Read() is { } line)
        {
            if (endsBlock(line))
            {
                if (!string.IsNullOrWhiteSpace(line))
                    lines.PutBack(line);
                break;
            }
            if (text.Length + line.Length > limits.MaxCueCharacters)
                throw new SubtitleFormatException(lines.Number, $"The cue has more than {limits.MaxCueCharacters} characters; cut it into several.");
            text.Append(line).Append('\n');
        }
        _cues.Add(new Cue(
            identifier is { Length: > 0 } ? identifier : CueIds.At(_cues.Count), 1, CueState.Final, times.StartMs, times.EndMs,
            CueText.Normalize(toPlainText(text.ToString()))));
    }
}
