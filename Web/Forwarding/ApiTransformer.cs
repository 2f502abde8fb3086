using Web.Security;
using Yarp.ReverseProxy.Forwarder;

namespace Web.Forwarding;

/// <summary>Takes the prefix <c>/api</c> off the path, and tells the Api of it so that it can write addresses that the browser can
/// use.</summary>
internal sealed class ApiTransformer : HttpTransformer
{
    private const string Prefix = "/api";

    public static readonly ApiTransformer Instance = new();

    private ApiTransformer() { }

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken
    )
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        httpContext.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase, out var rest);
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, rest, httpContext.Request.QueryString);
        // Of the browser's cookies only the Api's own: it has no use for those of these pages.
        var credentials = httpContext.RequestServices.GetRequiredService<ApiCredentials>();
        proxyRequest.Headers.Remove("Cookie");
        if (proxyRequest.Headers.Authorization is null && !proxyRequest.Headers.Contains("X-Api-Key"))
            credentials.AddTo(proxyRequest);
        // The Host header is the destination's, as it would be without this hop; what the browser asked for travels beside it.
        proxyRequest.Headers.Host = null;
        Set(proxyRequest, "X-Forwarded-Prefix", Prefix);
        Set(proxyRequest, "X-Forwarded-Host", httpContext.Request.Host.Value);
        Set(proxyRequest, "X-Forwarded-Proto", httpContext.Request.Scheme);
        Set(proxyRequest, "X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
    }

    public override ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext,
        HttpResponseMessage? proxyResponse,
        CancellationToken cancellationToken
    )
    {
        // What confines a page does not fit the Api's answers, which come with their own.
        foreach (var header in ContentSecurityPolicyExtensions.Headers)
            httpContext.Response.Headers.Remove(header);
        return base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
    }

    private static void Set(HttpRequestMessage request, string header, string? value)
    {
        // A browser's own claim about where it comes from is not passed on.
        request.Headers.Remove(header);
        if (value is not null)
            request.Headers.TryAddWithoutValidation(header, value);
    }
}
