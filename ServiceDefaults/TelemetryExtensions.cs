using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>OpenTelemetry for logs, metrics and traces, sent by OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names a receiver.</summary>
internal static class TelemetryExtensions
{
    /// <summary>The meters and activity sources of the application's own libraries.</summary>
    private static readonly string[] OwnNames = ["EventStreams", "Subtitles"];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        // The client tells a whole page of each connection it makes.
        AddDefault(builder, "Logging:LogLevel:StackExchange.Redis", nameof(LogLevel.Warning));
        // Without a receiver, spans and measurements would be made only to be thrown away, which costs every request and every event.
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            // As long as this logger takes anything, each request has an activity and a scope, which an open stream would hold for as long
            // as it lasts.
            AddDefault(builder, "Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", nameof(LogLevel.None));
            return;
        }
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });

        var telemetry = builder
            .Services.AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation().AddMeter(OwnNames)
            )
            .WithTracing(tracing =>
                tracing
                    .SetSampler(new ParentBasedSampler(new RootSpanSampler()))
                    .AddSource([builder.Environment.ApplicationName, .. OwnNames])
                    .AddAspNetCoreInstrumentation(options =>
                    {
                        options.Filter = IsTraced;
                        options.EnrichWithHttpResponse = DropStreamsAndFiles;
                        // A page is in the trace of its request already, and each of its updates would be a trace of its own.
                        options.EnableRazorComponentsSupport = false;
                        options.EnableAspNetCoreSignalRSupport = false;
                    })
                    .AddHttpClientInstrumentation()
            );

        // A service that was started by hand has no OTEL_SERVICE_NAME, and would be called unknown_service.
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
            telemetry.ConfigureResource(resource =>
                resource.AddService(builder.Environment.ApplicationName, autoGenerateServiceInstanceId: false)
            );
        telemetry.UseOtlpExporter();
    }

    /// <summary>As the first source, it gives way to whatever the configuration says.</summary>
    private static void AddDefault(IHostApplicationBuilder builder, string key, string value) =>
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new(key, value)] });

    /// <summary>
    /// Probes are noise, and the spans of an event stream and of a page's circuit would end only when their client leaves: all are left
    /// out.
    /// </summary>
    private static bool IsTraced(HttpContext context) =>
        !context.Request.Path.StartsWithSegments(Extensions.HealthPath)
        && !context.Request.Path.StartsWithSegments(Extensions.AlivePath)
        && !context.Request.Path.StartsWithSegments("/_blazor")
        && !context.Request.Headers.Accept.Any(static accept =>
            accept?.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) == true
        );

    /// <summary>
    /// Only the answer shows that a client which did not name the type it takes got an event stream all the same, and that a page's file
    /// was sent, of which each page has a dozen.
    /// </summary>
    private static void DropStreamsAndFiles(Activity activity, HttpResponse response)
    {
        if (response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true || IsFile(response))
        {
            activity.IsAllDataRequested = false;
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    // Files are sent by the endpoint of a static asset, or by a middleware before any endpoint is found.
    private static bool IsFile(HttpResponse response) =>
        response.StatusCode < StatusCodes.Status400BadRequest
        && (response.HttpContext.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null);
}
