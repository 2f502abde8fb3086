using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ServiceDefaults;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the application has in common: telemetry, health, service discovery, resilience.</summary>
public static class Extensions
{
    /// <summary>The check answers for the process itself: it is in <c>/alive</c> as well as in <c>/health</c>.</summary>
    public const string LiveTag = "live";

    /// <summary>The path that tells whether the service can do its work (readiness).</summary>
    public const string HealthPath = "/health";

    /// <summary>The path that tells whether the process is well (liveness).</summary>
    public const string AlivePath = "/alive";

    /// <summary>Adds telemetry, health checks, service discovery and resilient <see cref="HttpClient"/>s.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddTelemetry();

        builder
            .Services.AddHealthChecks()
            .AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag])
            .AddCheck<StoppingHealthCheck>("stopping");

        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // It cuts an attempt at 10 s and a request at 30 s: right for calls, wrong for streams. See AddStreamingHttpClient.
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>
    /// Maps <c>/health</c> (every check: may traffic come?) and <c>/alive</c> (the process itself: should it be restarted?) in every
    /// environment, as load balancers and orchestrators need them in production most. The answers are a single word, so they give nothing
    /// away.
    /// </summary>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        Map(HealthPath, new HealthCheckOptions());
        Map(AlivePath, new HealthCheckOptions { Predicate = check => check.Tags.Contains(LiveTag) });
        return app;

        void Map(string path, HealthCheckOptions options) => app.MapHealthChecks(path, options).AllowAnonymous().DisableHttpMetrics();
    }
}
