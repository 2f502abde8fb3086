using System.Globalization;
using System.Text;

namespace Subtitles.Formats;

/// <summary>Times of day as the file formats write them, in milliseconds.</summary>
internal static class Timestamp
{
    private const int MaxHourDigits = 4;

    public static StringBuilder AppendTo(StringBuilder text, long ms, char separator)
    {
        var (seconds, rest) = Math.DivRem(Math.Max(ms, 0), 1000);
        return text.Append(
            CultureInfo.InvariantCulture,
            $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}{separator}{rest:000}"
        );
    }

    /// <summary>
    /// Reads <c>hours:minutes:seconds</c>, a separator and milliseconds. The strict form (WebVTT) leaves the hours optional and wants two
    /// digits for minutes and seconds and three for the milliseconds, after a point; the tolerant one (SubRip) takes fewer digits, a comma
    /// or a point, and none of the milliseconds.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, bool strict, out long ms)
    {
        ms = 0;
        var fraction = text.IndexOfAny('.', ',');
        if (fraction < 0 ? strict : strict && text[fraction] != '.')
            return false;
        var clock = fraction < 0 ? text : text[..fraction];
        if (fraction >= 0)
        {
            if (!TryNumber(text[(fraction + 1)..], strict ? 3 : 1, 3, out ms))
                return false;
        }
        var last = clock.LastIndexOf(':');
        if (last < 0 || !TryNumber(clock[(last + 1)..], strict ? 2 : 1, 2, out var seconds) || seconds > 59)
            return false;
        clock = clock[..last];
        last = clock.LastIndexOf(':');
        if (last < 0 && !strict)
            return false;
        if (!TryNumber(clock[(last + 1)..], strict ? 2 : 1, 2, out var minutes) || minutes > 59)
            return false;
        var hours = 0L;
        if (last >= 0 && !TryNumber(clock[..last], strict ? 2 : 1, MaxHourDigits, out hours))
            return false;
        ms += 1000 * (seconds + 60 * (minutes + 60 * hours));
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, int least, int most, out long value)
    {
        value = 0;
        return digits.Length >= least
            && digits.Length <= most
            && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
