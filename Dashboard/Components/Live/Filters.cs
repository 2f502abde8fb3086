using Dashboard.Telemetry;

namespace Dashboard.Components.Live;

/// <summary>Attribute filters as they stand in an address, such as <c>http.route|contains|jobs</c>.</summary>
internal static class Filters
{
    private const char Separator = '|';

    private static readonly (FilterOperation Operation, string Name, string Words)[] Operations =
    [
        (FilterOperation.Equals, "is", "is"),
        (FilterOperation.NotEquals, "is-not", "is not"),
        (FilterOperation.Contains, "contains", "contains"),
        (FilterOperation.NotContains, "contains-not", "does not contain"),
        (FilterOperation.Exists, "exists", "is there"),
    ];

    public static IEnumerable<(string Name, string Words)> Choices => Operations.Select(o => (o.Name, o.Words));

    /// <summary>Filters that can be read; others are left out.</summary>
    public static IReadOnlyList<AttributeFilter> Parse(string[]? texts) => [.. (texts ?? []).Select(Parse).OfType<AttributeFilter>()];

    public static string Write(string name, string operation, string value) => string.Join(Separator, name, operation, value);

    public static string Write(AttributeFilter filter) => Write(filter.Name, Operations.First(o => o.Operation == filter.Operation).Name, filter.Value);

    public static string Words(AttributeFilter filter) =>
        $"{filter.Name} {Operations.First(o => o.Operation == filter.Operation).Words} {(filter.Operation == FilterOperation.Exists ? "" : filter.Value)}".TrimEnd();

    private static AttributeFilter? Parse(string text)
    {
        // The value comes last and may hold anything.
        var parts = text.Split(Separator, 3);
        return parts.Length == 3 && parts[0].Length > 0 && Array.FindIndex(Operations, o => o.Name == parts[1]) is >= 0 and var at
            ? new(parts[0], Operations[at].Operation, parts[2])
            : null;
    }
}
