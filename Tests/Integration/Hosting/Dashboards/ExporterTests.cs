using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dashboard.Telemetry.Logs;
using Dashboard.Telemetry.Metrics;
using Dashboard.Telemetry.Traces;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SpanKind = Dashboard.Telemetry.Traces.SpanKind;

namespace Tests.Integration.Hosting.Dashboards;

/// <summary>The real exporter sends, by each of its protocols, and what it sent is there as it was meant.</summary>
public sealed class ExporterTests
{
    private static readonly int[] Items = [1, 2];

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task What_a_service_exports_is_there(OtlpExportProtocol protocol)
    {
        await using var dashboard = await RunningDashboard.StartAsync();
        var name = $"test-{protocol}";
        using var source = new ActivitySource(name);
        using var meter = new Meter(name);
        using var traces = Sdk.CreateTracerProviderBuilder().AddSource(name).ConfigureResource(Describe)
            .AddOtlpExporter(o => Point(o, "/v1/traces")).Build();
        using var metrics = Sdk.CreateMeterProviderBuilder().AddMeter(name).ConfigureResource(Describe).SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddView("exponential", new Base2ExponentialBucketHistogramConfiguration())
            .AddOtlpExporter((o, _) => Point(o, "/v1/metrics")).Build();
        using var logs = LoggerFactory.Create(l => l.AddOpenTelemetry(o =>
        {
            o.IncludeFormattedMessage = true;
            o.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("shop", serviceInstanceId: "abc"));
            o.AddOtlpExporter(e => Point(e, "/v1/logs"));
        }));

        Work();
        Assert.True(traces.ForceFlush());
        Assert.True(metrics.ForceFlush());
        logs.Dispose();

        var trace = Assert.Single(dashboard.Telemetry.Traces.Query(new() { Resource = "shop-abc" }).Traces);
        Assert.Equal(("sell", 2, 1), (trace.Name, trace.Spans, trace.Errors));
        var detail = dashboard.Telemetry.Traces.Find(trace.Id)!;
        var (root, child) = (detail.Spans[0], detail.Spans[1]);
        Assert.Equal((SpanKind.Server, SpanStatus.Unset, name), (root.Kind, root.Status, root.Scope));
        Assert.Equal((root.Id, SpanKind.Producer, SpanStatus.Error, "out of stock"), (child.ParentId, child.Kind, child.Status, child.StatusMessage));
        Assert.Contains(new("items", "[1,2]"), child.Attributes);
        Assert.Contains(new("price", "1.5"), child.Attributes);
        Assert.Contains(child.Events.Single(e => e.Name == "exception").Attributes, a => a is { Name: "exception.message", Value: "none left" });
        Assert.Equal(root.Id, Assert.Single(child.Links).SpanId);
        Assert.Equal((root.Id, child.Id), (Assert.Single(detail.Backlinks).Target, detail.Backlinks[0].Source.Id));

        var log = Assert.Single(dashboard.Telemetry.Logs.Query(new() { TraceId = trace.Id, SpanId = root.Id }).Entries);
        Assert.Equal((LogSeverity.Warning, "Sold 2 of pears", "Shop"), (log.Severity, log.Message, log.Category));
        Assert.Contains(new("Fruit", "pears"), log.Attributes);
        Assert.Contains("none left", log.Exception, StringComparison.Ordinal);

        Assert.Equal(
            [("duration", InstrumentKind.Histogram, "s"), ("exponential", InstrumentKind.Histogram, ""), ("open", InstrumentKind.UpDownCounter, ""), ("sold", InstrumentKind.Counter, "{fruit}"), ("stock", InstrumentKind.Gauge, "")],
            dashboard.Telemetry.Metrics.Instruments("shop").Select(i => (i.Name, i.Kind, i.Unit)));
        Assert.Equal(["fruit"], dashboard.Telemetry.Metrics.Dimensions("shop", name, "sold").Select(d => d.Name));
        Assert.Equal(trace.Id, Read("duration").Exemplars[0].TraceId);
        // Half of the measurements are 1 and half are 3; a bucket's bounds are a fifth apart.
        Assert.InRange(Last("exponential", "p50"), 0.8, 1.2);
        Assert.InRange(Last("exponential", "p99"), 2.5, 3.5);
        Assert.Equal(12, Last("stock", "value"));

        void Work()
        {
            var histograms = new[] { meter.CreateHistogram<double>("duration", "s"), meter.CreateHistogram<double>("exponential") };
            var open = meter.CreateUpDownCounter<int>("open");
            var sold = meter.CreateCounter<long>("sold", "{fruit}");
            meter.CreateObservableGauge("stock", () => 12);
            using var root = source.StartActivity("sell", ActivityKind.Server)!;
            using (var child = source.StartActivity(ActivityKind.Producer, links: [new(root.Context)], name: "publish")!)
            {
                child.SetTag("items", Items);
                child.SetTag("price", 1.5);
                child.AddException(new InvalidOperationException("none left"));
                child.SetStatus(ActivityStatusCode.Error, "out of stock");
            }

            foreach (var histogram in histograms)
            {
                histogram.Record(1);
                histogram.Record(3);
            }

            open.Add(1);
            sold.Add(2, new KeyValuePair<string, object?>("fruit", "pears"));
#pragma warning disable CA1848, CA1873 // A message of a test, not of the product.
            logs.CreateLogger("Shop").LogWarning(new InvalidOperationException("none left"), "Sold {Count} of {Fruit}", 2, "pears");
#pragma warning restore CA1848, CA1873
        }

        // A short range that ends after the next step, so that the last step is the one with the values.
        MetricResult Read(string instrument) => dashboard.Telemetry.Metrics.Query(
            new() { Meter = name, Instrument = instrument, To = DateTimeOffset.UtcNow.AddMinutes(2), Range = TimeSpan.FromMinutes(5), Steps = 5 })!;

        double Last(string instrument, string line) => Read(instrument).Series.Single().Lines.Single(l => l.Name == line).Values.Last(v => v is not null)!.Value;

        static void Describe(ResourceBuilder resource) => resource.Clear().AddService("shop", serviceInstanceId: "abc");

        void Point(OtlpExporterOptions options, string path)
        {
            options.Protocol = protocol;
            options.Endpoint = protocol == OtlpExportProtocol.Grpc ? dashboard.Server.GrpcAddress : new Uri(dashboard.Server.Address, path);
            options.Headers = $"x-otlp-api-key={dashboard.Server.OtlpApiKey}";
        }
    }
}
