namespace Web.Security;

/// <summary>The headers that confine what a page may load and do.</summary>
internal static class ContentSecurityPolicyExtensions
{
    /// <summary>
    /// Everything comes from the page's own origin. Inline styles are allowed, since Blazor's notice of a lost connection sets them; inline
    /// scripts are not. <c>blob:</c> lets the player show a file that the viewer has just uploaded.
    /// </summary>
    private const string Policy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>What they are called.</summary>
    public static readonly IReadOnlyList<string> Headers = ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"];

    /// <summary>Adds the headers to every answer.</summary>
    public static IApplicationBuilder UseContentSecurityPolicy(this IApplicationBuilder app) =>
        app.Use(
            (context, next) =>
            {
                var headers = context.Response.Headers;
                headers.ContentSecurityPolicy = Policy;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "same-origin";
                return next(context);
            }
        );
}
