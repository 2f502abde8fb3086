using System.Globalization;
using System.Text;

namespace Benchmarks.Subtitles;

/// <summary>Side files of any length.</summary>
internal static class SideFiles
{
    /// <summary>A WebVTT file whose cues share the time.</summary>
    public static string Make(int cues, TimeSpan duration)
    {
        var file = new StringBuilder("WEBVTT\n");
        for (var i = 0; i < cues; i++)
            file.Append(
                CultureInfo.InvariantCulture,
                $"\n{At(i)} --> {At(i + 1)}\nThis is what is said in cue {i + 1},\nand every viewer reads it.\n"
            );
        return file.ToString();

        string At(int cue) => (duration * cue / cues).ToString(@"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture);
    }
}
