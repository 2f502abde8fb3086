using Microsoft.Extensions.Configuration;

namespace LocalHosting.Inspection;

/// <summary>Where the processes send their telemetry: where the host was told to send it, else to the dashboard, else nowhere.</summary>
internal sealed class TelemetryTarget(IConfiguration configuration, DashboardHost dashboard)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string Headers = "OTEL_EXPORTER_OTLP_HEADERS";

    // How often telemetry leaves a process while somebody watches, in milliseconds.
    private const string Delay = "1000";

    /// <summary>The address that the host was told; null if it was told none.</summary>
    public static string? Elsewhere(IConfiguration configuration) => configuration[Endpoint] is { Length: > 0 } given ? given : null;

    /// <summary>The variables that make a process send its telemetry; none if it is not to.</summary>
    public IEnumerable<KeyValuePair<string, string>> Variables()
    {
        if (Elsewhere(configuration) is { } given)
        {
            yield return new(Endpoint, given);
            yield return new(Protocol, configuration[Protocol] is { Length: > 0 } protocol ? protocol : "grpc");
            if (configuration[Headers] is { Length: > 0 } headers)
            {
                yield return new(Headers, headers);
            }
        }
        else if (dashboard.Server is { } server)
        {
            yield return new(Endpoint, server.GrpcAddress.GetLeftPart(UriPartial.Authority));
            yield return new(Protocol, "grpc");
            yield return new(Headers, $"x-otlp-api-key={server.OtlpApiKey}");
        }
        else
        {
            yield break;
        }

        yield return new("OTEL_BSP_SCHEDULE_DELAY", Delay);
        yield return new("OTEL_BLRP_SCHEDULE_DELAY", Delay);
        yield return new("OTEL_METRIC_EXPORT_INTERVAL", Delay);
        yield return new("OTEL_TRACES_SAMPLER", "always_on");
        yield return new("OTEL_METRICS_EXEMPLAR_FILTER", "trace_based");
    }
}
