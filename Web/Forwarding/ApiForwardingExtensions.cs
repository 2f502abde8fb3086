using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Web.Forwarding;

/// <summary>
/// Gives the browser the Api under the page's own origin: <c>/api/…</c> goes to the service <c>api</c>, as it is and unbuffered.
/// </summary>
internal static class ApiForwardingExtensions
{
    /// <summary>
    /// Adds what <see cref="MapApi"/> needs, and <see cref="ApiStreams"/>. Service discovery comes with the service defaults.
    /// </summary>
    public static void AddApiForwarding(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton<ApiEndpoints>();
        builder.Services.AddSingleton<ApiForwarder>();
        builder.Services.AddSingleton<ApiStreams>();
    }

    // The last one forwards all; those before it give spans and metrics a name that says what was asked for.
    private static readonly string[] Patterns =
    [
        "/api/jobs",
        "/api/jobs/{id}",
        "/api/jobs/{id}/{part}",
        "/api/streams",
        "/api/streams/{topic}",
        "/api/{**rest}",
    ];

    /// <summary>Maps <c>/api/{rest}</c>.</summary>
    public static void MapApi(this WebApplication app)
    {
        var forwarder = app.Services.GetRequiredService<ApiForwarder>();
        foreach (var pattern in Patterns)
        {
            app.Map(pattern, context => ForwardAsync(forwarder, context))
                // How large an upload may be is the Api's to say; it streams through here.
                .WithMetadata(new DisableRequestSizeLimitAttribute())
                .DisableAntiforgery();
        }
    }

    private static Task ForwardAsync(ApiForwarder forwarder, HttpContext context)
    {
        // A viewer on a slow line is the Api's to judge, which drops a stream only after it was blocked for long and resumes it without
        // loss.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        // The Api's errors are answers to a program; they are not turned into this site's pages.
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
            pages.Enabled = false;
        return forwarder.ForwardAsync(context);
    }
}
