using System.Net;
using System.Text;
using Subtitles.Cues;

namespace Subtitles.Formats;

/// <summary>Writes and reads WebVTT, by the W3C's specification.</summary>
public static class WebVtt
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/vtt";

    private const string Arrow = "-->";

    /// <summary>
    /// A file of these cues, ordered by their start. Text is escaped, so that a reader gets it back as it was; blank lines in it are left
    /// out, for they would end the cue.
    /// </summary>
    public static string Write(IEnumerable<Cue> cues)
    {
        ArgumentNullException.ThrowIfNull(cues);
        var file = new StringBuilder("WEBVTT\n");
        foreach (var cue in cues.OrderBy(c => c.StartMs))
        {
            file.Append('\n');
            if (CanBeIdentifier(cue.CueId))
                file.Append(cue.CueId).Append('\n');
            Timestamp.AppendTo(file, cue.StartMs, '.').Append(" --> ");
            Timestamp.AppendTo(file, Math.Max(cue.EndMs, Math.Max(cue.StartMs, 0) + 1), '.').Append('\n');
            if (CueText.Normalize(cue.Text) is { Length: > 0 } text)
                Escape(file, text).Append('\n');
        }
        return file.ToString();
    }

    /// <inheritdoc cref="Parse(TextReader, SubtitleLimits?, ICollection{SubtitleFormatException}?)"/>
    public static IReadOnlyList<Cue> Parse(string text) => Parse(new StringReader(text));

    /// <summary>
    /// Reads the cues of a file, in the file's order, as plain text: markup is taken off, character references are resolved, settings,
    /// comments, styles and regions are passed over. A cue keeps its identifier as <see cref="Cue.CueId"/>; one without gets its place
    /// (<see cref="CueIds"/>).
    /// </summary>
    /// <param name="reader">The file.</param>
    /// <param name="limits">What is taken at the most.</param>
    /// <param name="faults">Takes the fault of each block that is broken, which is passed over then; null to end at the first.</param>
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
        if (lines.Read() is not { } signature || !IsSignature(signature))
            throw new SubtitleFormatException(1, "A WebVTT file begins with the line 'WEBVTT'.");
        var cues = new CueListBuilder(lines, limits, faults);
        SkipHeader(lines);
        while (lines.Read() is { } line)
        {
            if (line.Length > 0)
                ReadBlock(line, lines, cues);
        }
        return cues.Cues;
    }

    internal static bool IsSignature(string line) =>
        line.StartsWith("WEBVTT", StringComparison.Ordinal) && (line.Length == 6 || line[6] is ' ' or '\t');

    private static void SkipHeader(LineReader lines)
    {
        while (lines.Read() is { Length: > 0 } line)
        {
            if (!line.Contains(Arrow, StringComparison.Ordinal))
                continue;
            lines.PutBack(line);
            return;
        }
    }

    private static void ReadBlock(string first, LineReader lines, CueListBuilder cues)
    {
        if (first.Contains(Arrow, StringComparison.Ordinal))
        {
            AddCue(null, first, lines, cues);
            return;
        }
        var number = lines.Number;
        var second = lines.Read();
        // The timing arrow, and nothing else, makes a block a cue: by the specification also one whose first line looks like a comment's.
        if (second is not null && second.Contains(Arrow, StringComparison.Ordinal))
            AddCue(first, second, lines, cues);
        else
        {
            if (!IsComment(first) && !IsKeyword(first, "STYLE") && !IsKeyword(first, "REGION"))
                cues.Report(
                    new SubtitleFormatException(number, "A block is neither a cue (it has no line with '-->') nor a NOTE, STYLE or REGION.")
                );
            SkipBlock(second, lines);
        }
    }

    private static void AddCue(string? identifier, string timing, LineReader lines, CueListBuilder cues)
    {
        var times = ReadTiming(timing);
        if (times is null)
            cues.Report(
                new SubtitleFormatException(
                    lines.Number,
                    "These are not WebVTT times; they look like '00:01.000 --> 00:02.500' or '01:00:01.000 --> 01:00:02.500'."
                )
            );
        cues.AddCue(identifier, times, line => line.Length == 0 || line.Contains(Arrow, StringComparison.Ordinal), ToPlainText);
    }

    private static void SkipBlock(string? line, LineReader lines)
    {
        for (; line is { Length: > 0 }; line = lines.Read())
        {
            if (!line.Contains(Arrow, StringComparison.Ordinal))
                continue;
            lines.PutBack(line);
            return;
        }
    }

    private static bool IsComment(string line) =>
        line.StartsWith("NOTE", StringComparison.Ordinal) && (line.Length == 4 || line[4] is ' ' or '\t');

    private static bool IsKeyword(string line, string keyword) => line.AsSpan().TrimEnd(" \t").SequenceEqual(keyword);

    private static (long StartMs, long EndMs)? ReadTiming(string line)
    {
        var arrow = line.IndexOf(Arrow, StringComparison.Ordinal);
        var rest = line.AsSpan(arrow + Arrow.Length).TrimStart(" \t\f");
        var settings = rest.IndexOfAny(' ', '\t', '\f');
        return
            Timestamp.TryParse(line.AsSpan(0, arrow).Trim(" \t\f"), strict: true, out var start)
            && Timestamp.TryParse(settings < 0 ? rest : rest[..settings], strict: true, out var end)
            ? (start, end)
            : null;
    }

    private static string ToPlainText(string payload)
    {
        var text = new StringBuilder(payload.Length);
        var rest = payload.AsSpan();
        while (rest.IndexOf('<') is var open and >= 0)
        {
            text.Append(rest[..open]);
            var close = rest[open..].IndexOf('>');
            // A tag that is never closed reaches to the end of the cue: so the specification's tokenizer reads it.
            rest = close < 0 ? [] : rest[(open + close + 1)..];
        }
        text.Append(rest);
        return WebUtility.HtmlDecode(text.ToString());
    }

    private static StringBuilder Escape(StringBuilder file, string text)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '&' => file.Append("&amp;"),
                '<' => file.Append("&lt;"),
                '>' => file.Append("&gt;"),
                _ => file.Append(c),
            };
        }
        return file;
    }

    private static bool CanBeIdentifier(string id) =>
        id.Length > 0
        && !id.Contains(Arrow, StringComparison.Ordinal)
        && !id.Any(char.IsControl)
        && !IsComment(id)
        && !IsKeyword(id, "STYLE")
        && !IsKeyword(id, "REGION");
}
