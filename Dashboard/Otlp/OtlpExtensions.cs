namespace Dashboard.Otlp;

/// <summary>The receiver of telemetry.</summary>
internal static class OtlpExtensions
{
    public static void AddOtlp(this IServiceCollection services, DashboardOptions options)
    {
        services.AddSingleton(new AttributeIntake(options.Limits));
        services.AddSingleton<Intake, LogIntake>();
        services.AddSingleton<Intake, TraceIntake>();
        services.AddSingleton<Intake, MetricIntake>();
        OtlpGrpc.Add(services, options.MaxRequestBytes);
    }

    public static void MapOtlp(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOtlpHttp();
        OtlpGrpc.Map(endpoints);
    }
}
