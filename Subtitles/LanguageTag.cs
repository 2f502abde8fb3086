namespace Subtitles;

/// <summary>Compares languages by their primary subtag: <c>en-GB</c> is English. Media files use the three-letter codes of ISO 639-2, of
/// which some languages have two.</summary>
public static class LanguageTag
{
    private static readonly Dictionary<string, string> TwoLetters = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ara"] = "ar",
        ["bul"] = "bg",
        ["cat"] = "ca",
        ["ces"] = "cs",
        ["cze"] = "cs",
        ["cym"] = "cy",
        ["wel"] = "cy",
        ["dan"] = "da",
        ["deu"] = "de",
        ["ger"] = "de",
        ["ell"] = "el",
        ["gre"] = "el",
        ["eng"] = "en",
        ["est"] = "et",
        ["eus"] = "eu",
        ["baq"] = "eu",
        ["fas"] = "fa",
        ["per"] = "fa",
        ["fin"] = "fi",
        ["fra"] = "fr",
        ["fre"] = "fr",
        ["gle"] = "ga",
        ["heb"] = "he",
        ["hin"] = "hi",
        ["hrv"] = "hr",
        ["hun"] = "hu",
        ["ind"] = "id",
        ["isl"] = "is",
        ["ice"] = "is",
        ["ita"] = "it",
        ["jpn"] = "ja",
        ["kor"] = "ko",
        ["lit"] = "lt",
        ["lav"] = "lv",
        ["nld"] = "nl",
        ["dut"] = "nl",
        ["nor"] = "no",
        ["pol"] = "pl",
        ["por"] = "pt",
        ["ron"] = "ro",
        ["rum"] = "ro",
        ["rus"] = "ru",
        ["slk"] = "sk",
        ["slo"] = "sk",
        ["slv"] = "sl",
        ["spa"] = "es",
        ["sqi"] = "sq",
        ["alb"] = "sq",
        ["srp"] = "sr",
        ["swe"] = "sv",
        ["tha"] = "th",
        ["tur"] = "tr",
        ["ukr"] = "uk",
        ["vie"] = "vi",
        ["zho"] = "zh",
        ["chi"] = "zh",
    };

    /// <summary>The primary subtag in lower case, with two letters where there is such a code.</summary>
    public static string Primary(string tag)
    {
        var end = tag.AsSpan().IndexOfAny('-', '_');
        var primary = (end < 0 ? tag : tag[..end]).ToLowerInvariant();
        return TwoLetters.GetValueOrDefault(primary, primary);
    }

    /// <summary>What stands for a language that the engine is to detect.</summary>
    public const string Automatic = "auto";

    /// <summary>Whether the language is to be detected.</summary>
    public static bool IsAutomatic(string tag) => tag.Equals(Automatic, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether both name the same language.</summary>
    public static bool AreSame(string left, string right) => Primary(left) == Primary(right);

    /// <summary>Whether a track's tag says nothing.</summary>
    public static bool IsUnknown(string? tag) => string.IsNullOrWhiteSpace(tag) || Primary(tag) is "und" or "mis" or "zxx" or "mul";
}
