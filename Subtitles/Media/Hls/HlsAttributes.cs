using System.Text.RegularExpressions;

namespace Subtitles.Media.Hls;

/// <summary>The attribute list of a tag (RFC 8216, 4.2): <c>NAME=value</c>, quoted where it is text.</summary>
internal sealed partial class HlsAttributes
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private HlsAttributes(string list)
    {
        foreach (Match match in Attribute().Matches(list))
            _values[match.Groups[1].Value] = match.Groups[2].Value.Trim('"');
    }

    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>The attributes of a line that has this tag; null for any other line.</summary>
    public static HlsAttributes? Of(string line, string tag) =>
        line.StartsWith(tag, StringComparison.Ordinal) && line.Length > tag.Length && line[tag.Length] == ':'
            ? new HlsAttributes(line[(tag.Length + 1)..])
            : null;

    [GeneratedRegex("""([A-Z0-9-]+)=("[^"]*"|[^,]*)""", RegexOptions.CultureInvariant)]
    private static partial Regex Attribute();
}
