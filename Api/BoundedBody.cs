using Api.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace Api;

/// <summary>
/// Keeps a request's body within a limit in a way that its sender hears of. The server's own limit closes the connection at once, and a
/// client that is still sending then sees a broken connection and no answer; without it, the server reads on for a few seconds after the
/// answer.
/// </summary>
internal static class BoundedBody
{
    /// <summary>Lifts the server's limit; refuses a body that is declared to be longer than allowed. Whoever reads it counts what comes
    /// undeclared.</summary>
    /// <exception cref="ApiException">413, with the sentence.</exception>
    public static void Limit(HttpContext context, long maxBytes, string sentence)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        if (context.Request.ContentLength > maxBytes)
            throw ApiException.TooLarge(sentence);
    }

    /// <summary>Reads a small body whole.</summary>
    /// <exception cref="ApiException">413, with the sentence.</exception>
    public static async Task<byte[]> ReadAsync(HttpContext context, int maxBytes, string sentence)
    {
        Limit(context, maxBytes, sentence);
        using var body = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        var buffer = new byte[8192];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > maxBytes)
                throw ApiException.TooLarge(sentence);
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }
}
