using System.Globalization;

namespace Dashboard.Components.Live;

/// <summary>Writes quantities for people, in the units of the field.</summary>
internal static class Show
{
    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>The time of day on this machine, which is the visitor's own.</summary>
    public static string Clock(DateTimeOffset time) => time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <inheritdoc cref="Clock"/>
    public static string ClockFine(DateTimeOffset time) => time.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>The moment in full, for titles and machines.</summary>
    public static string Moment(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    public static string Duration(TimeSpan span) => span switch
    {
        { TotalMilliseconds: < 1 } => Text($"{span.TotalMicroseconds:0.#} µs"),
        { TotalSeconds: < 1 } => Text($"{Rounded(span.TotalMilliseconds)} ms"),
        { TotalMinutes: < 1 } => Text($"{Rounded(span.TotalSeconds)} s"),
        { TotalHours: < 1 } => Text($"{span.Minutes} min {span.Seconds} s"),
        _ => Text($"{(int)span.TotalHours} h {span.Minutes} min"),
    };

    public static string Bytes(double bytes)
    {
        var unit = 0;
        for (; Math.Abs(bytes) >= 1024 && unit < ByteUnits.Length - 1; unit++)
        {
            bytes /= 1024;
        }

        return Text($"{bytes:0.#} {ByteUnits[unit]}");
    }

    /// <summary>Processor time as a share of one core.</summary>
    public static string Cores(double cores) => Text($"{cores * 100:0.0} %");

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A share as a CSS length.</summary>
    public static string Percent(double share) => Text($"{Math.Clamp(share, 0, 1) * 100:0.###}%");

    /// <summary>Three figures are enough for the eye.</summary>
    public static string Rounded(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 0.001 => value.ToString("0.##E+0", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.###", CultureInfo.InvariantCulture),
        < 100 => value.ToString("0.##", CultureInfo.InvariantCulture),
        < 1000 => value.ToString("0.#", CultureInfo.InvariantCulture),
        _ => value.ToString("#,0", CultureInfo.InvariantCulture),
    };

    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
