using System.Security.Cryptography;
using System.Text;
using Api.Problems;
using Microsoft.Extensions.Options;

namespace Api.Streams;

/// <summary>Lets only those publish who have the right to.</summary>
internal sealed class PublisherRight(IOptions<StreamsOptions> options, IHostEnvironment environment) : IEndpointFilter
{
    private readonly byte[]? _key = options.Value.PublisherKey is { } key ? HashOf(key) : null;

    private const string KeyHeader = "X-Api-Key";
    private const string BearerPrefix = "Bearer ";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        Check(context.HttpContext);
        return next(context);
    }

    private void Check(HttpContext context)
    {
        if (_key is not { } key)
        {
            if (environment.IsDevelopment())
                return;
            throw new ApiException(
                StatusCodes.Status403Forbidden, "Publishing is off: this service has no publisher key. Set Streams:PublisherKey (environment variable Streams__PublisherKey) to a secret.");
        }
        if (CryptographicOperations.FixedTimeEquals(HashOf(Given(context.Request)), key))
            return;
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Task.CompletedTask;
        });
        throw new ApiException(StatusCodes.Status401Unauthorized, $"Publishing needs the publisher key, in the header {KeyHeader} or as a bearer token in Authorization.");
    }

    private static string Given(HttpRequest request)
    {
        var key = request.Headers[KeyHeader].ToString();
        var authorization = request.Headers.Authorization.ToString();
        return key.Length == 0 && authorization.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? authorization[BearerPrefix.Length..].Trim() : key;
    }

    /// <summary>Hashes are compared, in a time that tells nothing of where the two differ, nor of the key's length.</summary>
    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
