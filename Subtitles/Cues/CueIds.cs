using System.Globalization;

namespace Subtitles.Cues;

/// <summary>Makes and reads the ids of a job's cues: <c>c0001</c>, <c>c0002</c> …, by the order of their starts. The same media gives the
/// same ids on every attempt.</summary>
public static class CueIds
{
    /// <summary>The id of the cue at a 0-based place.</summary>
    public static string At(int index) => string.Create(CultureInfo.InvariantCulture, $"c{index + 1:0000}");

    /// <summary>The 0-based place that an id names; false when it is not an id of this kind.</summary>
    public static bool TryGetIndex(string? id, out int index)
    {
        index = -1;
        if (
            id is not { Length: >= 5 and <= 10 }
            || id[0] != 'c'
            || !int.TryParse(id.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number < 1
        )
            return false;
        index = number - 1;
        return true;
    }
}
