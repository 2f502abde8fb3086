using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tests.Fixtures;
using Tests.Integration.WholeApp;

namespace Tests.Integration.Hosting;

/// <summary>What the dashboard shows of the running app, asked by its telemetry API.</summary>
public sealed partial class DashboardTelemetryTests : IAsyncLifetime
{
    private const int Replicas = 3;

    private readonly AppHostProcess _host = new(["--Redis:Server=process"]);

    public ValueTask InitializeAsync() => new(_host.UntilUpAsync());

    public ValueTask DisposeAsync()
    {
        _host.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// The pages' files, the event streams, probes, and what services do by themselves (asking for work, renewing leases) are in no trace:
    /// an idle app has none, and a job's can be read.
    /// </summary>
    [Fact]
    public async Task A_job_is_one_trace_with_a_delivery_on_each_replica_and_there_is_no_other_than_the_page_that_was_opened()
    {
        using var dashboard = new HttpClient
        {
            BaseAddress = DashboardRoot(),
            DefaultRequestHeaders = { { "x-api-key", AppHostProcess.DashboardKey } },
        };
        using var web = new HttpClient { BaseAddress = _host.AddressAfter("Open ") };
        var page = await web.GetStringAsync("/");
        foreach (var file in FileOfPage.Matches(page).Select(match => match.Groups[1].Value).Distinct())
            (await web.GetAsync(file)).Dispose();
        using var client = new AppClient(web, "/api");
        // It takes as long as its streams need to be opened.
        var job = await client.SubmitRealtimeAsync(cues: 12);
        foreach (var stream in await client.OpenOnReplicasAsync($"/jobs/{job}/events", Replicas))
        {
            await AppClient.ReadToEndAsync(stream);
            await stream.DisposeAsync();
        }

        List<Span> spans = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                spans = await SpansAsync(dashboard);
                return spans.Any(span => span.Name == "job.run") && Delivering(spans).Count() == Replicas;
            },
            "the dashboard has the job's spans"
        );

        var trace = spans.First(span => span.Name == "job.run").Trace;
        var ofJob = spans.Where(span => span.Trace == trace).ToList();
        Assert.Equal(["api", "web", "worker"], ofJob.Select(span => span.Service).Distinct().Order());
        Assert.Contains(ofJob, span => span.Name == "job.submit");
        Assert.Contains(ofJob, span => span.Service == "worker" && span.Name.StartsWith("publish ", StringComparison.Ordinal));
        Assert.Equal(Replicas, Delivering(ofJob).Count());
        Assert.Equal(["GET /"], spans.Where(span => span.Trace != trace && span.Parent is null).Select(span => span.Name));
        // Logs come on another way than spans, and may be later.
        await Eventually.HoldsAsync(
            async () =>
            {
                var logs = await dashboard.GetFromJsonAsync<JsonElement>($"/api/telemetry/logs?traceId={trace}");
                return logs.GetRawText().Contains($"Attempt 1 at job {job} ended: completed.", StringComparison.Ordinal);
            },
            "the dashboard has the job's logs"
        );
    }

    private static IEnumerable<string> Delivering(IEnumerable<Span> spans) =>
        spans.Where(span => span.Name.StartsWith("deliver ", StringComparison.Ordinal)).Select(span => span.Instance).Distinct();

    private Uri DashboardRoot() => new(_host.AddressAfter("The dashboard: ").GetLeftPart(UriPartial.Authority));

    private static async Task<List<Span>> SpansAsync(HttpClient dashboard)
    {
        var answer = await dashboard.GetFromJsonAsync<JsonElement>("/api/telemetry/traces");
        return
        [
            .. from resource in answer.GetProperty("data").GetProperty("resourceSpans").EnumerateArray()
            let service = AttributeOf(resource, "service.name")
            let instance = AttributeOf(resource, "service.instance.id")
            from scope in resource.GetProperty("scopeSpans").EnumerateArray()
            from span in scope.GetProperty("spans").EnumerateArray()
            let parent = span.TryGetProperty("parentSpanId", out var id) ? id.GetString() : null
            select new Span(
                service,
                instance,
                span.GetProperty("traceId").GetString()!,
                string.IsNullOrEmpty(parent) ? null : parent,
                span.GetProperty("name").GetString()!
            ),
        ];
    }

    private static string AttributeOf(JsonElement resource, string key) =>
        resource
            .GetProperty("resource")
            .GetProperty("attributes")
            .EnumerateArray()
            .First(attribute => attribute.GetProperty("key").GetString() == key)
            .GetProperty("value")
            .GetProperty("stringValue")
            .GetString()!;

    [GeneratedRegex("(?:src|href)=\"([^\"]+\\.(?:js|css|svg))\"")]
    private static partial Regex FileOfPage { get; }

    private sealed record Span(string Service, string Instance, string Trace, string? Parent, string Name);
}
