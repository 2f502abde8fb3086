namespace Tests.Fixtures;

/// <summary>A request that no client would send.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Target">Path and query, as they stand in the request.</param>
/// <param name="Headers">Headers.</param>
/// <param name="Type">The content type; null for none.</param>
/// <param name="Body">The body; null for none.</param>
internal sealed record OddRequest(
    string Method,
    string Target,
    IReadOnlyList<(string Name, string Value)> Headers,
    string? Type,
    byte[]? Body
)
{
    public override string ToString() =>
        $"{Method} {Target} {string.Join(", ", Headers)} {Type} {(Body is null ? "" : Convert.ToBase64String(Body))}";
}
