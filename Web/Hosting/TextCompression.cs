using Microsoft.AspNetCore.ResponseCompression;

namespace Web.Hosting;

/// <summary>
/// Compresses pages, and the answers of the Api that are text and have an end. Scripts and styles are compressed at build; event streams
/// are not, for each event must leave at once.
/// </summary>
internal static class TextCompression
{
    public static void AddTextCompression(this IServiceCollection services) =>
        services.AddResponseCompression(options =>
        {
            // What is secret in a page, its antiforgery token, is different in every answer, so that its length tells nothing.
            options.EnableForHttps = true;
            options.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/problem+json", "application/x-subrip", "text/vtt"];
        });
}
