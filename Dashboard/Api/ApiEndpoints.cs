using Dashboard.Resources;
using Dashboard.Security;
using Dashboard.Telemetry;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;

namespace Dashboard.Api;

/// <summary>What the pages show, for scripts.</summary>
internal static class ApiEndpoints
{
    private const int MaxEntries = 10_000;
    private const int MaxSteps = 2_000;
    private const int MaxSeconds = 24 * 60 * 60;

    public static void AddDashboardApi(this IServiceCollection services) => services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));

    public static void MapDashboardApi(this IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup(DashboardAccess.ApiPath).AddEndpointFilter(ExplainAsync);
        api.MapGet("/resources", Resources);
        api.MapGet("/logs", (HttpRequest request, TelemetryStore store) => store.Logs.Query(LogQuery(new(request.Query))));
        api.MapGet("/traces", (HttpRequest request, TelemetryStore store) => store.Traces.Query(TraceQuery(new(request.Query))));
        api.MapGet("/traces/{id}", Trace);
        api.MapGet("/metrics", (string? resource, TelemetryStore store) => store.Metrics.Instruments(resource));
        api.MapGet("/metrics/series", Series);
        // Else a wrong address would lead to the page for people.
        api.MapFallback(() => Results.Problem("There is no such call; there are /api/resources, /api/logs, /api/traces, /api/metrics.", statusCode: StatusCodes.Status404NotFound));
    }

    private static async ValueTask<object?> ExplainAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (ApiQueryException e)
        {
            return Results.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static IEnumerable<ReplicaWithUsage> Resources(IResourceSource source, ProcessMeter meter) =>
        source.Replicas.Select(r => new ReplicaWithUsage(r, meter.Of(r.ProcessId)));

    private static IResult Trace(string id, TelemetryStore store)
    {
        var trace = ApiQuery.TraceOf(id);
        return store.Traces.Find(trace) is { } found
            ? Results.Ok(new TraceWithLogs(found, store.Logs.Query(new() { TraceId = trace, Limit = MaxEntries }).Entries))
            : Results.Problem($"The trace {id} is not there, or not any more.", statusCode: StatusCodes.Status404NotFound);
    }

    private static IResult Series(HttpRequest request, TelemetryStore store)
    {
        var query = new ApiQuery(request.Query);
        var filters = query.Filters("attribute");
        if (filters.FirstOrDefault(f => f.Operation != FilterOperation.Equals) is { } other)
        {
            throw new ApiQueryException($"Series can be chosen by name=value alone, which the filter of '{other.Name}' is not.");
        }

        var metric = new MetricQuery
        {
            Resource = query.Text("resource"),
            Meter = query.Required("meter"),
            Instrument = query.Required("instrument"),
            Range = TimeSpan.FromSeconds(query.Number("seconds", 300, 1, MaxSeconds)),
            Steps = query.Number("steps", 60, 1, MaxSteps),
            Filters = filters.GroupBy(f => f.Name).ToDictionary(g => g.Key, IReadOnlyCollection<string> (g) => [.. g.Select(f => f.Value)]),
            GroupBy = query.Texts("groupBy"),
        };
        return store.Metrics.Query(metric) is { } found
            ? Results.Ok(found)
            : Results.Problem(
                $"There is no instrument '{metric.Instrument}' of the meter '{metric.Meter}'{(metric.Resource is { } name ? $" in '{name}'" : "")}; /api/metrics lists all.",
                statusCode: StatusCodes.Status404NotFound);
    }

    private static LogQuery LogQuery(ApiQuery query) => new()
    {
        Resource = query.Text("resource"),
        MinSeverity = query.Choice<LogSeverity>("level"),
        Text = query.Text("text"),
        TraceId = query.Trace("traceId"),
        SpanId = query.Span("spanId"),
        Attributes = query.Filters("attribute"),
        After = query.Position("after"),
        Limit = query.Number("limit", 100, 1, MaxEntries),
    };

    private static TraceQuery TraceQuery(ApiQuery query) => new()
    {
        Resource = query.Text("resource"),
        Text = query.Text("text"),
        OnlyErrors = query.Flag("errors"),
        MinDuration = TimeSpan.FromMilliseconds(query.Number("minMs", 0, 0, int.MaxValue)),
        Attributes = query.Filters("attribute"),
        Limit = query.Number("limit", 100, 1, MaxEntries),
    };

    /// <summary>A replica and what its process uses.</summary>
    private sealed record ReplicaWithUsage(ReplicaState Replica, ProcessUsage? Usage);

    /// <summary>A trace and the log records that were written within it.</summary>
    private sealed record TraceWithLogs(TraceDetail Trace, IReadOnlyList<LogEntry> Logs);
}
