using Subtitles.Cues;
using Subtitles.Formats;

namespace Subtitles.Transcription.Embedded;

/// <summary>A side file of either format; the content tells which, for names lie.</summary>
/// <param name="Cues">Its cues.</param>
/// <param name="Faults">What was passed over, by its line.</param>
public sealed record SideFile(IReadOnlyList<Cue> Cues, IReadOnlyList<string> Faults)
{
    private const int MaxFaults = 20;

    /// <summary>Reads a file. A cue that is broken is passed over, as players do.</summary>
    /// <exception cref="SubtitleFormatException">There is no cue in the file that can be read, or it is beyond the limits.</exception>
    public static SideFile Read(string path)
    {
        var text = SubtitleEncoding.Decode(File.ReadAllBytes(path));
        var faults = new List<SubtitleFormatException>();
        var firstLine = text.AsSpan(0, text.AsSpan().IndexOfAny('\n', '\r') is var end and >= 0 ? end : text.Length).ToString();
        var cues = WebVtt.IsSignature(firstLine)
            ? WebVtt.Parse(new StringReader(text), null, faults)
            : SubRip.Parse(new StringReader(text), null, faults);
        return cues.Count == 0 && faults.Count > 0
            ? throw faults[0]
            : new SideFile(cues, [.. faults.Take(MaxFaults).Select(f => f.Message)]);
    }
}
