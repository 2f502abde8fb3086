using System.Net.Http.Json;
using System.Text.Json;
using Tests.Fixtures;

namespace Tests.Integration.Hosting;

/// <summary>What the dashboard shows of the running app, asked by its telemetry API.</summary>
public sealed class DashboardTelemetryTests : IAsyncLifetime
{
    private readonly AppHostProcess _host = new(["--Redis:Server=process"]);

    public ValueTask InitializeAsync() => new(_host.UntilUpAsync());

    public ValueTask DisposeAsync()
    {
        _host.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_job_is_one_trace_over_all_services_and_nothing_else_makes_any()
    {
        using var dashboard = new HttpClient { BaseAddress = DashboardRoot(), DefaultRequestHeaders = { { "x-api-key", AppHostProcess.DashboardKey } } };
        using var web = new HttpClient { BaseAddress = _host.AddressAfter("Open ") };
        using var submitted = await web.PostAsJsonAsync("/api/jobs", new { source = "sample:tour" });
        var job = (await submitted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        await using (var stream = await SseStream.OpenAsync(web, $"/api/jobs/{job}/events"))
        {
            while (await stream.NextEventAsync() is { } e && e.Type != "stream.end")
            {
                // Until the job is done and all has been delivered.
            }
        }

        List<Span> spans = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                spans = await SpansAsync(dashboard);
                return spans.Any(span => span.Name == "job.run") && spans.Any(span => span.Name.StartsWith("deliver", StringComparison.Ordinal));
            },
            "the dashboard has the job's spans");

        var trace = spans.First(span => span.Name == "job.run").Trace;
        var ofJob = spans.Where(span => span.Trace == trace).ToList();
        Assert.Equal(["api", "web", "worker"], ofJob.Select(span => span.Service).Distinct().Order());
        Assert.Contains(ofJob, span => span.Name == "job.submit");
        Assert.Contains(ofJob, span => span.Service == "worker" && span.Name.StartsWith("publish ", StringComparison.Ordinal));
        // Deliveries are traces of their own that link to the publish; whatever else is no delivery belongs to the job.
        Assert.All(spans.Where(span => span.Trace != trace), span => Assert.StartsWith("deliver", span.Name, StringComparison.Ordinal));
    }

    private Uri DashboardRoot() => new(_host.AddressAfter("The dashboard: ").GetLeftPart(UriPartial.Authority));

    private static async Task<List<Span>> SpansAsync(HttpClient dashboard)
    {
        var answer = await dashboard.GetFromJsonAsync<JsonElement>("/api/telemetry/traces");
        return
        [
            .. from resource in answer.GetProperty("data").GetProperty("resourceSpans").EnumerateArray()
               let service = resource.GetProperty("resource").GetProperty("attributes").EnumerateArray()
                   .First(attribute => attribute.GetProperty("key").GetString() == "service.name").GetProperty("value").GetProperty("stringValue").GetString()!
               from scope in resource.GetProperty("scopeSpans").EnumerateArray()
               from span in scope.GetProperty("spans").EnumerateArray()
               select new Span(service, span.GetProperty("traceId").GetString()!, span.GetProperty("name").GetString()!),
        ];
    }

    private sealed record Span(string Service, string Trace, string Name);
}
