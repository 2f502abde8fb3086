using System.Globalization;
using System.Text.RegularExpressions;

namespace Dashboard.Consoles;

/// <summary>Reads the escape sequences with which programs colour what they print to a terminal. Each line stands for itself.</summary>
public static partial class AnsiText
{
    private const int Reset = 0;
    private const int Extended = 8;
    private const int ByIndex = 5;
    private const int ByRgb = 2;

    /// <summary>The text without any sequence.</summary>
    public static string Plain(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Contains('\e', StringComparison.Ordinal) ? Sequence.Replace(text, "") : text;
    }

    /// <summary>The text in parts of one look each; sequences that do not colour, such as those that move the cursor, are left out.</summary>
    public static IReadOnlyList<AnsiPart> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains('\e', StringComparison.Ordinal))
        {
            return [new(text, default)];
        }

        var parts = new List<AnsiPart>();
        var look = default(AnsiLook);
        var at = 0;
        foreach (Match match in Sequence.Matches(text))
        {
            if (match.Index > at)
            {
                parts.Add(new(text[at..match.Index], look));
            }

            at = match.Index + match.Length;
            if (match.Groups["look"] is { Success: true } codes)
            {
                look = Apply(look, codes.Value);
            }
        }

        if (at < text.Length)
        {
            parts.Add(new(text[at..], look));
        }

        return parts;
    }

    private static AnsiLook Apply(AnsiLook look, string codes)
    {
        var numbers = codes.Split([';', ':']).Select(c => int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : Reset).ToArray();
        for (var i = 0; i < numbers.Length; i++)
        {
            var code = numbers[i];
            look = code switch
            {
                Reset => default,
                1 => look with { IsBold = true },
                22 => look with { IsBold = false },
                >= 30 and <= 37 => look with { Color = AnsiColor.Of(code - 30) },
                39 => look with { Color = null },
                >= 40 and <= 47 => look with { Back = AnsiColor.Of(code - 40) },
                49 => look with { Back = null },
                >= 90 and <= 97 => look with { Color = AnsiColor.Of(code - 90 + Extended) },
                >= 100 and <= 107 => look with { Back = AnsiColor.Of(code - 100 + Extended) },
                38 => look with { Color = Longer(numbers, ref i) },
                48 => look with { Back = Longer(numbers, ref i) },
                _ => look,
            };
        }

        return look;
    }

    private static AnsiColor? Longer(int[] numbers, ref int at)
    {
        var left = numbers.AsSpan(at + 1);
        if (left is [ByIndex, var index, ..])
        {
            at += 2;
            return AnsiColor.Of(index);
        }

        if (left is [ByRgb, var red, var green, var blue, ..])
        {
            at += 4;
            return AnsiColor.Rgb(red, green, blue);
        }

        return null;
    }

    [GeneratedRegex(@"\e\[(?<look>[0-9;:]*)m|\e\[[0-?]*[ -/]*[@-~]|\e\][^\a\e]*(\a|\e\\)|\e[@-Z\\-_]?", RegexOptions.ExplicitCapture)]
    private static partial Regex Sequence { get; }
}

/// <summary>A part of a line.</summary>
public readonly record struct AnsiPart(string Text, AnsiLook Look);

/// <summary>How a part looks; null stands for the colours of the terminal.</summary>
public readonly record struct AnsiLook(AnsiColor? Color, AnsiColor? Back, bool IsBold);
