namespace LocalHosting.Inspection;

/// <summary>Which variables hold what should not stand on a screen.</summary>
internal static class SecretNames
{
    private static readonly string[] Parts = ["PASSWORD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "CREDENTIAL", "HEADERS"];
    private static readonly string[] Prefixes = ["ConnectionStrings__"];

    // The address of a server with its password in it.
    private static readonly string[] Suffixes = ["_URI"];

    public static bool Contains(string name) =>
        Parts.Any(p => name.Contains(p, StringComparison.OrdinalIgnoreCase))
        || Prefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase))
        || Suffixes.Any(s => name.EndsWith(s, StringComparison.OrdinalIgnoreCase));
}
