using System.Globalization;

namespace Subtitles.Media.Hls;

/// <summary>
/// A playlist of HLS (RFC 8216), as far as hearing it needs. Everything that it names is an http(s) address, or the playlist is refused
/// whole: nothing else is ever given to whoever opens addresses.
/// </summary>
internal sealed class HlsPlaylist
{
    public const int MaxBytes = 4 * 1024 * 1024;

    private const long MaxSegmentSeconds = 3600;

    private readonly Uri _address;
    private readonly List<HlsSegment> _segments = [];
    private readonly List<(Uri Address, long Bandwidth, string? Audio, string? Codecs)> _variants = [];
    private readonly List<(Uri Address, string Group, string? Language, bool IsDefault)> _renditions = [];
    private long _firstSequence;
    private HlsKey? _key;
    private HlsResource? _map;
    private (double Seconds, string? Range, HlsAttributes? Variant) _next;
    private (Uri? Address, long End) _lastRange;

    private HlsPlaylist(Uri address) => _address = address;

    /// <summary>The pieces, in their order; empty for a playlist of playlists.</summary>
    public IReadOnlyList<HlsSegment> Segments => _segments;

    /// <summary>Whether no more pieces will come.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The length that pieces have at the most.</summary>
    public TimeSpan TargetDuration { get; private set; } = TimeSpan.FromSeconds(5);

    /// <summary>Reads a playlist.</summary>
    /// <param name="address">Where it came from, redirects followed.</param>
    /// <param name="text">The playlist.</param>
    /// <exception cref="SourceAddressException">It names something that is no http(s) address.</exception>
    /// <exception cref="MediaFetchException">It is no playlist, or uses what is not supported.</exception>
    public static HlsPlaylist Parse(Uri address, string text)
    {
        var playlist = new HlsPlaylist(address);
        var lines = text.TrimStart('\uFEFF').Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines is not ["#EXTM3U", ..])
            throw Malformed("it does not begin with #EXTM3U");
        foreach (var line in lines)
            playlist.Take(line);
        return playlist;
    }

    /// <summary>
    /// The playlist to hear, where this one names others: a rendition of sound alone, in the language if there is one, or the variant of
    /// the fewest bytes that has sound. Null where this one has the pieces.
    /// </summary>
    public Uri? ChooseMedia(string? language)
    {
        if (_variants.Count == 0)
            return null;
        var variant = _variants.OrderBy(v => HasSound(v.Codecs) ? 0 : 1).ThenBy(v => v.Bandwidth).First();
        var rendition = _renditions
            .Where(r => r.Group == variant.Audio)
            .OrderBy(r => r.Language is { } its && language is not null && LanguageTag.AreSame(its, language) ? 0 : 1)
            .ThenBy(r => r.IsDefault ? 0 : 1)
            .FirstOrDefault();
        return rendition.Address ?? variant.Address;
    }

    private static bool HasSound(string? codecs) =>
        codecs is null
        || codecs.Split(',').Any(c => c.Trim().Split('.')[0] is "mp4a" or "ac-3" or "ec-3" or "opus" or "Opus" or "fLaC" or "mp3");

    private void Take(string line)
    {
        if (line[0] != '#')
            TakeAddress(Resolve(line));
        else if (line.StartsWith("#EXTINF:", StringComparison.Ordinal))
            _next.Seconds = ReadSeconds(line["#EXTINF:".Length..].Split(',')[0]);
        else if (line.StartsWith("#EXT-X-BYTERANGE:", StringComparison.Ordinal))
            _next.Range = line["#EXT-X-BYTERANGE:".Length..];
        else if (line.StartsWith("#EXT-X-TARGETDURATION:", StringComparison.Ordinal))
            TargetDuration = TimeSpan.FromSeconds(ReadSeconds(line["#EXT-X-TARGETDURATION:".Length..]));
        else if (line.StartsWith("#EXT-X-MEDIA-SEQUENCE:", StringComparison.Ordinal))
            _firstSequence = ReadNumber(line["#EXT-X-MEDIA-SEQUENCE:".Length..]);
        else if (line == "#EXT-X-ENDLIST")
            IsEnded = true;
        else if (HlsAttributes.Of(line, "#EXT-X-STREAM-INF") is { } variant)
            _next.Variant = variant;
        else if (HlsAttributes.Of(line, "#EXT-X-MEDIA") is { } rendition)
            TakeRendition(rendition);
        else if (HlsAttributes.Of(line, "#EXT-X-KEY") is { } key)
            _key = ReadKey(key);
        else if (HlsAttributes.Of(line, "#EXT-X-MAP") is { } map)
            _map = ReadRange(Resolve(Need(map, "URI")), map["BYTERANGE"]);
    }

    private void TakeAddress(Uri address)
    {
        if (_next.Variant is { } variant)
            _variants.Add(
                (
                    address,
                    long.TryParse(variant["BANDWIDTH"], NumberStyles.None, CultureInfo.InvariantCulture, out var bandwidth) ? bandwidth : 0,
                    variant["AUDIO"],
                    variant["CODECS"]
                )
            );
        else
            _segments.Add(
                new HlsSegment(
                    _firstSequence + _segments.Count,
                    TimeSpan.FromSeconds(_next.Seconds),
                    ReadRange(address, _next.Range),
                    _map,
                    _key
                )
            );
        _next = default;
    }

    private void TakeRendition(HlsAttributes rendition)
    {
        if (rendition["TYPE"] == "AUDIO" && rendition["URI"] is { } uri && rendition["GROUP-ID"] is { } group)
            _renditions.Add((Resolve(uri), group, rendition["LANGUAGE"], rendition["DEFAULT"] == "YES"));
    }

    private HlsKey? ReadKey(HlsAttributes key) =>
        key["METHOD"] switch
        {
            "NONE" => null,
            "AES-128" => new HlsKey(
                Resolve(Need(key, "URI")),
                key["IV"] is { } iv
                    ? iv.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
                    && UInt128.TryParse(iv.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)
                        ? value
                        : throw Malformed("an IV is no number")
                    : null
            ),
            var method => throw new MediaFetchException(
                $"The playlist's pieces are encrypted by {(method?.Length < 20 ? method : "a method")}, which is not read; AES-128 is.",
                isTransient: false
            ),
        };

    /// <summary>A part of a file: <c>length</c> or <c>length@offset</c>; without an offset it begins where the one before ended.</summary>
    private HlsResource ReadRange(Uri address, string? range)
    {
        if (range is null)
            return new HlsResource(address);
        var parts = range.Split('@');
        var length = ReadNumber(parts[0]);
        var offset =
            parts.Length > 1 ? ReadNumber(parts[1])
            : _lastRange.Address == address ? _lastRange.End
            : 0;
        if (length == 0 || offset > long.MaxValue / 2 || length > long.MaxValue / 2)
            throw Malformed("a byte range is not one");
        _lastRange = (address, offset + length);
        return new HlsResource(address, offset, length);
    }

    private Uri Resolve(string reference)
    {
        if (!Uri.TryCreate(_address, reference, out var address))
            throw Malformed("it names what is no address");
        SourceAddressGuard.CheckForm(address);
        return address;
    }

    private static string Need(HlsAttributes attributes, string name) => attributes[name] ?? throw Malformed($"a tag has no {name}");

    private static double ReadSeconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= MaxSegmentSeconds
            ? seconds
            : throw Malformed("a duration is no number of seconds below an hour");

    private static long ReadNumber(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < long.MaxValue / 2
            ? number
            : throw Malformed("a number is not one");

    private static MediaFetchException Malformed(string why) => new($"The playlist cannot be read: {why}.", isTransient: false);
}
