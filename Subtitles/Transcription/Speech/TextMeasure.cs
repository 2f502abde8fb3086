using System.Text;
using Wcwidth;

namespace Subtitles.Transcription.Speech;

/// <summary>
/// How much room and time a text needs: characters by their East Asian width. A line holds 42 narrow characters or 16 wide ones (so the
/// guides for Latin, Chinese and Korean subtitles), or of both in proportion.
/// 20 narrow characters are read in a second, 9 ideographs or kana, 12 Hangul syllables.
/// </summary>
/// <param name="Narrow">Characters of one column or none; in UTF-16, as they are counted elsewhere.</param>
/// <param name="Wide">Characters of two columns that are no Hangul.</param>
/// <param name="Hangul">Hangul of two columns.</param>
internal readonly record struct TextMeasure(int Narrow, int Wide, int Hangul)
{
    /// <summary>The room of a line, in units in which both kinds of characters are whole.</summary>
    public const int LineUnits = 336;

    /// <summary>The room of a narrow character.</summary>
    public const int NarrowUnits = LineUnits / 42;

    /// <summary>The room of a wide character.</summary>
    public const int WideUnits = LineUnits / 16;

    // 5/6 of a second, rounded up.
    private const long MinReadingMs = 834;

    /// <summary>A space or a line break.</summary>
    public static TextMeasure Gap { get; } = new(1, 0, 0);

    /// <summary>The room it takes on a line.</summary>
    public int Units => (Narrow * NarrowUnits) + ((Wide + Hangul) * WideUnits);

    /// <summary>How long it should stay to be read, in milliseconds; never less than 5/6 of a second.</summary>
    public long ReadingMs => Math.Max(MinReadingMs, (Narrow * 1000L + 19) / 20 + (Wide * 1000L + 8) / 9 + (Hangul * 1000L + 11) / 12);

    public static TextMeasure operator +(TextMeasure left, TextMeasure right) =>
        new(left.Narrow + right.Narrow, left.Wide + right.Wide, left.Hangul + right.Hangul);

    public static TextMeasure operator -(TextMeasure left, TextMeasure right) =>
        new(left.Narrow - right.Narrow, left.Wide - right.Wide, left.Hangul - right.Hangul);

    /// <summary>Measures.</summary>
    public static TextMeasure Of(ReadOnlySpan<char> text)
    {
        var (narrow, wide, hangul) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsWide(rune))
                narrow += rune.Utf16SequenceLength;
            else if (rune.Value is >= 0x1100 and <= 0x11FF or >= 0x3130 and <= 0x318F or >= 0xAC00 and <= 0xD7A3)
                hangul++;
            else
                wide++;
        }
        return new TextMeasure(narrow, wide, hangul);
    }

    // Nothing below the first Hangul letters is wide.
    private static bool IsWide(Rune rune) => rune.Value >= 0x1100 && UnicodeCalculator.GetWidth(rune.Value) == 2;
}
