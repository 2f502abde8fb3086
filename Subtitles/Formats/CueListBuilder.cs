using System.Text;
using Subtitles.Cues;

namespace Subtitles.Formats;

/// <summary>What both readers share: the text of a cue up to the end of its block, the checks of its times, and the limits.</summary>
internal sealed class CueListBuilder(LineReader lines, SubtitleLimits limits, ICollection<SubtitleFormatException>? faults)
{
    private readonly List<Cue> _cues = [];

    public IReadOnlyList<Cue> Cues => _cues;

    /// <summary>Tells of a fault that costs one cue: it ends the reading where nobody collects them.</summary>
    public void Report(SubtitleFormatException fault)
    {
        if (faults is null)
            throw fault;
        faults.Add(fault);
    }

    /// <summary>Reads the text lines that follow a timing line, and adds the cue. One without times that make sense is passed over, with
    /// its text.</summary>
    public void AddCue(
        string? identifier,
        (long StartMs, long EndMs)? found,
        Func<string, bool> endsBlock,
        Func<string, string> toPlainText
    )
    {
        var timingLine = lines.Number;
        if (found is { } given && given.EndMs <= given.StartMs)
        {
            Report(new SubtitleFormatException(timingLine, "The cue ends at or before its start; its end must be later."));
            found = null;
        }
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
                throw new SubtitleFormatException(
                    lines.Number,
                    $"The cue has more than {limits.MaxCueCharacters} characters; cut it into several."
                );
            text.Append(line).Append('\n');
        }
        if (found is not { } times)
            return;
        _cues.Add(
            new Cue(
                identifier is { Length: > 0 } ? identifier : CueIds.At(_cues.Count),
                1,
                CueState.Final,
                times.StartMs,
                times.EndMs,
                CueText.Normalize(toPlainText(text.ToString()))
            )
        );
    }
}
