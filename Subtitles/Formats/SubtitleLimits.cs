namespace Subtitles.Formats;

/// <summary>What the readers take at the most, so that a hostile file costs neither memory nor time. A file beyond a limit is refused, not
/// cut.</summary>
public sealed record SubtitleLimits
{
    /// <summary>The limits that hold when none are given: a day of dense subtitles stays well below them.</summary>
    public static SubtitleLimits Default { get; } = new();

    /// <summary>Characters of the whole file.</summary>
    public int MaxCharacters { get; init; } = 16 * 1024 * 1024;

    /// <summary>Cues.</summary>
    public int MaxCues { get; init; } = 100_000;

    /// <summary>Characters of one cue, its markup included.</summary>
    public int MaxCueCharacters { get; init; } = 4 * 1024;
}
