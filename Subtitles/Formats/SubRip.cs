using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Subtitles.Cues;

namespace Subtitles.Formats;

/// <summary>Writes and reads SubRip (SRT), which has no specification: the writer keeps to what every player reads, and the reader takes
/// what players take.</summary>
public static partial class SubRip
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/x-subrip";

    private const string Arrow = "-->";
    private const char ZeroWidthSpace = '\u200B';

    /// <summary>
    /// A file of these cues, ordered by their start and numbered from 1. SubRip cannot escape: where a player would take text for markup or
    /// for a timing arrow, a zero-width space parts it, which changes nothing that is seen and which <see cref="Parse(string)"/> takes out
    /// again.
    /// </summary>
    public static string Write(IEnumerable<Cue> cues)
    {
        ArgumentNullException.ThrowIfNull(cues);
        var file = new StringBuilder();
        var number = 0;
        foreach (var cue in cues.OrderBy(c => c.StartMs))
        {
            file.Append(CultureInfo.InvariantCulture, $"{++number}\n");
            Timestamp.AppendTo(file, cue.StartMs, ',').Append(" --> ");
            Timestamp.AppendTo(file, Math.Max(cue.EndMs, Math.Max(cue.StartMs, 0) + 1), ',').Append('\n');
            if (CueText.Normalize(cue.Text) is { Length: > 0 } text)
                file.Append(LooksLikeMarkup().Replace(text, match => match.Value + ZeroWidthSpace)).Append('\n');
            file.Append('\n');
        }
        return file.ToString();
    }

    /// <inheritdoc cref="Parse(TextReader, SubtitleLimits?, ICollection{SubtitleFormatException}?)"/>
    public static IReadOnlyList<Cue> Parse(string text) => Parse(new StringReader(text));

    /// <summary>
    /// Reads the cues of a file, in the file's order, as plain text without tags (<c>&lt;i&gt;</c>) and override blocks (<c>{\an8}</c>).
    /// Cue numbers may be missing and are not kept: numbers in real files repeat. Coordinates after the times are passed over. Text after a
    /// blank line belongs to the cue before it, as players read it.
    /// </summary>
    /// <param name="reader">The file.</param>
    /// <param name="limits">What is taken at the most.</param>
    /// <param name="faults">Takes the fault of each cue that is broken, which is passed over then; null to end at the first.</param>
    /// <exception cref="SubtitleFormatException">The file is malformed or beyond the limits; the message names the line.</exception>
    public static IReadOnlyList<Cue> Parse(
        TextReader reader,
        SubtitleLimits? limits = null,
        ICollection<SubtitleFormatException>? faults = null
    )
    {
        ArgumentNullException.ThrowIfNull(reader);
        limits ??= SubtitleLimits.Default;
        var lines = new LineReader(reader, limits);
        var cues = new CueListBuilder(lines, limits, faults);
        while (lines.Read() is { } line)
        {
            if (IsBlank(line))
                continue;
            if (IsNumber(line) && (line = lines.Read()) is null)
            {
                cues.Report(NoCue(lines.Number));
                break;
            }
            if (!TryReadTiming(line, out var times))
                cues.Report(NoCue(lines.Number));
            cues.AddCue(null, times == default ? null : times, next => EndsCue(next, lines), ToPlainText);
        }
        return cues.Cues;
    }

    private static SubtitleFormatException NoCue(int line) =>
        new(line, "A cue's number or times are expected here, like '7' or '00:00:01,000 --> 00:00:02,500'.");

    private static bool IsBlank(string line) => string.IsNullOrWhiteSpace(line);

    private static bool IsNumber(string line) => !line.AsSpan().Trim().ContainsAnyExceptInRange('0', '9');

    private static bool HasArrow(string line) => line.Contains(Arrow, StringComparison.Ordinal);

    /// <summary>
    /// Whether a cue's text ends before this line: at times, or at blank lines that times or a number with times follow (or the end of the
    /// file). Other blank lines are part of the text: real files have them.
    /// </summary>
    private static bool EndsCue(string line, LineReader lines)
    {
        if (!IsBlank(line))
            return TryReadTiming(line, out _);
        var next = lines.Read();
        while (next is not null && IsBlank(next))
            next = lines.Read();
        if (next is null)
            return true;
        var ends = HasArrow(next);
        if (IsNumber(next))
        {
            var following = lines.Read();
            ends = following is null || HasArrow(following);
            if (following is not null)
                lines.PutBack(following);
        }
        lines.PutBack(next);
        return ends;
    }

    private static bool TryReadTiming(string line, out (long StartMs, long EndMs) times)
    {
        times = default;
        var arrow = line.IndexOf(Arrow, StringComparison.Ordinal);
        if (arrow < 0)
            return false;
        var rest = line.AsSpan(arrow + Arrow.Length).TrimStart();
        var coordinates = rest.IndexOfAny(' ', '\t');
        if (
            !Timestamp.TryParse(line.AsSpan(0, arrow).Trim(), strict: false, out var start)
            || !Timestamp.TryParse(coordinates < 0 ? rest : rest[..coordinates], strict: false, out var end)
        )
            return false;
        times = (start, end);
        return true;
    }

    private static string ToPlainText(string payload) =>
        ParterAfterMarkupStart().Replace(Markup().Replace(payload, ""), match => match.Value[..^1]);

    [GeneratedRegex(@"</?[A-Za-z][^<>\n]*>|\{\\[^{}\n]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Markup();

    // Each also where zero-width spaces follow already, so that taking one out gives back the text exactly.
    [GeneratedRegex(@"<(?=\u200B*/?[A-Za-z])|\{(?=\u200B*\\)|--(?=\u200B*>)", RegexOptions.CultureInvariant)]
    private static partial Regex LooksLikeMarkup();

    [GeneratedRegex(@"<\u200B(?=\u200B*/?[A-Za-z])|\{\u200B(?=\u200B*\\)|--\u200B(?=\u200B*>)", RegexOptions.CultureInvariant)]
    private static partial Regex ParterAfterMarkupStart();
}
