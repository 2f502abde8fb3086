namespace Api.Hosting;

/// <summary>Headers that confine what a browser makes of an answer. The answers are data; only the page of the contract runs
/// scripts.</summary>
internal static class SecurityHeaders
{
    private const string Data = "default-src 'none'; frame-ancestors 'none'";

    // The page's own script is written into it, and so are its styles.
    private const string Page =
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' "
        + "data:; "
        + "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UseSecurityHeaders(this WebApplication app) =>
        app.Use(
            static (context, next) =>
            {
                context.Response.OnStarting(
                    static state =>
                    {
                        var (headers, path) = (((HttpContext)state).Response.Headers, ((HttpContext)state).Request.Path);
                        headers.ContentSecurityPolicy = path.StartsWithSegments("/scalar") ? Page : Data;
                        headers.XContentTypeOptions = "nosniff";
                        headers["Referrer-Policy"] = "no-referrer";
                        return Task.CompletedTask;
                    },
                    context
                );
                return next(context);
            }
        );
}
