using System.Globalization;

namespace Dashboard.Consoles;

/// <summary>A colour of a terminal: one of the sixteen that each terminal has its own shades of, or a fixed one.</summary>
/// <param name="Number">0 to 15, null for a fixed colour.</param>
/// <param name="Fixed">The fixed colour, as 0xRRGGBB.</param>
public readonly record struct AnsiColor(int? Number, int Fixed)
{
    private const int Named = 16;
    private const int FirstGrey = 232;

    private static readonly int[] CubeSteps = [0, 95, 135, 175, 215, 255];

    /// <summary>As CSS writes the fixed colour.</summary>
    public string Css => string.Create(CultureInfo.InvariantCulture, $"#{Fixed:x6}");

    /// <summary>A colour of the table of 256.</summary>
    public static AnsiColor Of(int index)
    {
        index = Math.Clamp(index, 0, 255);
        if (index < Named)
        {
            return new(index, 0);
        }

        if (index >= FirstGrey)
        {
            var grey = 8 + ((index - FirstGrey) * 10);
            return Rgb(grey, grey, grey);
        }

        var cube = index - Named;
        return Rgb(CubeSteps[cube / 36], CubeSteps[cube / 6 % 6], CubeSteps[cube % 6]);
    }

    public static AnsiColor Rgb(int red, int green, int blue) =>
        new(null, (Math.Clamp(red, 0, 255) << 16) | (Math.Clamp(green, 0, 255) << 8) | Math.Clamp(blue, 0, 255));
}
