using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting;
using Dashboard.Otlp.Messages;
using Google.Protobuf;
using Tests.Fixtures;

namespace Tests.Integration.Hosting.Dashboards;

/// <summary>What scripts can ask.</summary>
public sealed class ApiTests
{
    private const string TraceId = "0102030405060708090a0b0c0d0e0f10";

    [Fact]
    public async Task Scripts_get_what_the_pages_show()
    {
        await using var dashboard = await RunningDashboard.StartAsync(app => app
            .AddExecutable("sleeper", "sleep", ".", "60").WithEnvironment("SLEEPER_PASSWORD", "hidden").WithEnvironment("SLEEPER_MODE", "deep"));
        using var script = dashboard.Script();
        await SendAsync(dashboard);

        await Eventually.HoldsAsync(async () => (await GetAsync(script, "/api/resources"))[0].GetProperty("usage").ValueKind == JsonValueKind.Object, "the process is measured");
        var entry = (await GetAsync(script, "/api/resources"))[0];
        Assert.Equal(("sleeper", "Running", "Healthy"), (Text(entry, "replica.resource"), Text(entry, "replica.state"), Text(entry, "replica.health")));
        Assert.True(entry.GetProperty("usage").GetProperty("memoryBytes").GetInt64() > 0);
        var variables = entry.GetProperty("replica").GetProperty("environment").EnumerateArray().ToDictionary(v => Text(v, "name")!, v => Text(v, "value"));
        Assert.Equal("deep", variables["SLEEPER_MODE"]);
        Assert.Null(variables["SLEEPER_PASSWORD"]);

        var logs = await GetAsync(script, $"/api/logs?resource=shop&level=warning&traceId={TraceId}&attribute=fruit~EAR");
        Assert.Equal("out of pears", Text(Assert.Single(logs.GetProperty("entries").EnumerateArray()), "message"));
        Assert.Equal(0, (await GetAsync(script, "/api/logs?level=error")).GetProperty("matching").GetInt32());

        var traces = await GetAsync(script, "/api/traces?text=sell&minMs=250");
        Assert.Equal((TraceId, 250), (Text(traces, "traces.0.id"), traces.GetProperty("traces")[0].GetProperty("duration").GetDouble()));
        var trace = await GetAsync(script, $"/api/traces/{TraceId}");
        Assert.Equal(("sell", "shop-abc", "pears"), (Text(trace, "trace.spans.0.name"), Text(trace, "trace.spans.0.resource"), Text(trace, "trace.spans.0.attributes.fruit")));
        Assert.Equal("out of pears", Text(trace, "logs.0.message"));

        Assert.Equal("sold", Text(await GetAsync(script, "/api/metrics?resource=shop-abc"), "0.name"));
        var series = await GetAsync(script, "/api/metrics/series?meter=Shop&instrument=sold&seconds=300&steps=5&groupBy=fruit&attribute=fruit=pears");
        Assert.Equal(("pears", "rate", 5), (Text(series, "series.0.group.fruit"), Text(series, "series.0.lines.0.name"), series.GetProperty("series")[0].GetProperty("lines")[0].GetProperty("values").GetArrayLength()));
    }

    [Theory]
    [InlineData("/api/logs?level=loud", HttpStatusCode.BadRequest, "one of Unspecified, Trace, Debug, Information, Warning, Error, Critical")]
    [InlineData("/api/logs?limit=0", HttpStatusCode.BadRequest, "from 1 to 10000")]
    [InlineData("/api/logs?attribute==x", HttpStatusCode.BadRequest, "name=value")]
    [InlineData("/api/traces?errors=maybe", HttpStatusCode.BadRequest, "true or false")]
    [InlineData("/api/traces/7", HttpStatusCode.BadRequest, "32 hexadecimal digits")]
    [InlineData("/api/traces/" + TraceId, HttpStatusCode.NotFound, "not any more")]
    [InlineData("/api/metrics/series?meter=Shop", HttpStatusCode.BadRequest, "'instrument' is missing")]
    [InlineData("/api/metrics/series?meter=Shop&instrument=x", HttpStatusCode.NotFound, "/api/metrics lists all")]
    [InlineData("/api/nothing", HttpStatusCode.NotFound, "/api/resources")]
    public async Task A_call_that_cannot_be_answered_says_what_to_do(string call, HttpStatusCode status, string text)
    {
        await using var dashboard = await RunningDashboard.StartAsync();
        using var script = dashboard.Script();

        using var answer = await script.GetAsync(call);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(text, Text(await answer.Content.ReadFromJsonAsync<JsonElement>(), "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_token_a_script_gets_nothing()
    {
        await using var dashboard = await RunningDashboard.StartAsync();
        using var service = dashboard.Service();

        using var answer = await service.GetAsync("/api/resources");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static async Task SendAsync(RunningDashboard dashboard)
    {
        using var service = dashboard.Service();
        var now = (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        var (trace, span) = (ByteString.CopyFrom(Convert.FromHexString(TraceId)), ByteString.CopyFrom(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
        var resource = new Resource { Attributes = { Pair("service.name", "shop"), Pair("service.instance.id", "abc") } };
        var scope = new InstrumentationScope { Name = "Shop" };
        var log = new LogRecord { TimeUnixNano = now, SeverityNumber = 13, Body = new() { StringValue = "out of pears" }, TraceId = trace, SpanId = span, Attributes = { Pair("fruit", "pears") } };
        var work = new SpanMessage { TraceId = trace, SpanId = span, Name = "sell", StartTimeUnixNano = now, EndTimeUnixNano = now + 250_000_000, Attributes = { Pair("fruit", "pears") } };
        var sold = new NumberDataPoint { TimeUnixNano = now, StartTimeUnixNano = now - 1_000_000_000, AsInt = 3, Attributes = { Pair("fruit", "pears") } };
        var sum = new Sum { AggregationTemporality = 2, IsMonotonic = true, DataPoints = { sold } };
        await PostAsync("logs", new ExportLogsRequest { ResourceLogs = { new ResourceLogs { Resource = resource, ScopeLogs = { new ScopeLogs { Scope = scope, LogRecords = { log } } } } } });
        await PostAsync("traces", new ExportTracesRequest { ResourceSpans = { new ResourceSpans { Resource = resource, ScopeSpans = { new ScopeSpans { Scope = scope, Spans = { work } } } } } });
        await PostAsync("metrics", new ExportMetricsRequest
        {
            ResourceMetrics = { new ResourceMetrics { Resource = resource, ScopeMetrics = { new ScopeMetrics { Scope = scope, Metrics = { new Metric { Name = "sold", Sum = sum } } } } } },
        });

        static KeyValue Pair(string key, string value) => new() { Key = key, Value = new() { StringValue = value } };

        async Task PostAsync(string kind, IMessage message)
        {
            using var content = new ByteArrayContent(message.ToByteArray());
            content.Headers.ContentType = new("application/x-protobuf");
            using var answer = await service.PostAsync($"/v1/{kind}", content);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string call) => await client.GetFromJsonAsync<JsonElement>(call);

    // A value by the names and positions that lead to it.
    private static string? Text(JsonElement element, string path)
    {
        foreach (var part in path.Split('.'))
            element = element.ValueKind == JsonValueKind.Array ? element[int.Parse(part, null)] : element.GetProperty(part);
        return element.GetString();
    }
}
