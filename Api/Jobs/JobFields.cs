using System.Text.RegularExpressions;
using Api.Problems;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>Checks the fields that both forms of a submission have.</summary>
internal static partial class JobFields
{
    private const int MaxTitleLength = 120;

    /// <summary>The language; <c>auto</c> where none is named.</summary>
    public static string Language(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return Subtitles.LanguageTag.Automatic;
        return text.Length <= 35 && LanguageTag().IsMatch(text)
            ? text
            : throw ApiException.BadRequest("The language is a BCP 47 tag such as en or pt-BR, or auto to have it detected.", "language");
    }

    public static JobPace Pace(string? text) =>
        text switch
        {
            null or "" or "fast" => JobPace.Fast,
            "realtime" => JobPace.Realtime,
            _ => throw ApiException.BadRequest("The pace is fast or realtime.", "pace"),
        };

    public static bool Switch(string text, string name) =>
        text switch
        {
            "true" => true,
            "" or "false" => false,
            _ => throw ApiException.BadRequest($"The field {name} is true or false.", name),
        };

    /// <summary>A state to list; null for all.</summary>
    public static JobStatus? Status(string? text)
    {
        if (text is null)
            return null;
        foreach (var status in Enum.GetValues<JobStatus>())
        {
            if (status.ToString().Equals(text, StringComparison.OrdinalIgnoreCase))
                return status;
        }
        throw ApiException.BadRequest(
            $"The status is one of {string.Join(", ", Enum.GetNames<JobStatus>().Select(n => n.ToLowerInvariant()))}.",
            "status"
        );
    }

    /// <summary>A name for people out of whatever the client sent: its last segment, without control characters (those of text direction
    /// included, which can make it read as something else), not too long.</summary>
    public static string Title(string? name, string fallback)
    {
        name = name?.Split('/', '\\')[^1];
        name = name is null ? "" : string.Concat(name.Where(c => !char.IsControl(c) && !IsDirectional(c))).Trim();
        if (name.Length > MaxTitleLength)
            name = name[..(char.IsHighSurrogate(name[MaxTitleLength - 1]) ? MaxTitleLength - 1 : MaxTitleLength)];
        return name.Length == 0 ? fallback : name;
    }

    private static bool IsDirectional(char c) =>
        c is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    [GeneratedRegex(@"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\z", RegexOptions.CultureInvariant)]
    private static partial Regex LanguageTag();
}
