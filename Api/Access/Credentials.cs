namespace Api.Access;

/// <summary>What a request shows of its caller.</summary>
internal static class Credentials
{
    public const string KeyHeader = "X-Api-Key";
    private const string BearerPrefix = "Bearer ";

    /// <summary>An API key, in its header or as a bearer token; null where there is neither.</summary>
    public static string? KeyOf(HttpRequest request) => request.Headers[KeyHeader] is [{ Length: > 0 } key] ? key : BearerOf(request);

    /// <summary>A bearer token; null where there is none.</summary>
    public static string? BearerOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { } value && value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            ? value[BearerPrefix.Length..].Trim()
            : null;

    /// <summary>The scheme that can read them.</summary>
    public static string SchemeOf(HttpRequest request, AccessMode mode)
    {
        if (request.Headers.ContainsKey(KeyHeader))
            return ApiKeyHandler.SchemeName;
        if (request.Headers.Authorization.Count == 0)
            return VisitorHandler.SchemeName;
        // A signed token has three parts.
        return mode.HasTokens && BearerOf(request)?.Count(c => c == '.') == 2 ? TokenSetup.SchemeName : ApiKeyHandler.SchemeName;
    }
}
