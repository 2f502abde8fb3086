using System.Globalization;
using System.Text.Json;

namespace Benchmarks;

/// <summary>Reads options of the form <c>--name value</c>.</summary>
internal static class Arguments
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <exception cref="ArgumentException">The value is no whole number of 1 or more.</exception>
    public static int Number(string[] args, string name, int otherwise)
    {
        if (Text(args, name) is not { } text)
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{name} takes a whole number of 1 or more, not '{text}'.");
    }

    public static string? Text(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    /// <summary>Writes the results to the file that <c>--json</c> names, if it is given.</summary>
    public static async Task WriteJsonAsync(string[] args, object results)
    {
        if (Text(args, "--json") is { } file)
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results, Indented));
    }
}
