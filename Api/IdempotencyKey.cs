using Api.Problems;

namespace Api;

/// <summary>The header by which a client repeats a call without doing it twice.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    /// <summary>The request's key, or null.</summary>
    public static string? Of(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values))
            return null;
        var key = values.ToString();
        return key.Length is > 0 and <= MaxLength && key.All(c => c is >= ' ' and <= '~')
            ? key
            : throw ApiException.BadRequest(
                $"The header {Header} has 1 to {MaxLength} printable ASCII characters; a UUID is a good choice."
            );
    }
}
