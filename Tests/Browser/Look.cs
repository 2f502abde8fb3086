using Microsoft.Playwright;

namespace Tests.Browser;

/// <summary>A screen to look at the pages on.</summary>
internal sealed record Look(string Name, int Width, int Height, ColorScheme Scheme)
{
    public static IReadOnlyList<Look> All { get; } =
    [
        new("desktop-light", 1440, 900, ColorScheme.Light),
        new("desktop-dark", 1440, 900, ColorScheme.Dark),
        new("phone-light", 390, 844, ColorScheme.Light),
        new("phone-dark", 390, 844, ColorScheme.Dark),
        // A desktop at 400 % as well.
        new("narrow-light", 320, 640, ColorScheme.Light),
        new("narrow-dark", 320, 640, ColorScheme.Dark),
    ];
}
