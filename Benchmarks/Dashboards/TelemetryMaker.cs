using System.Buffers.Binary;
using Dashboard.Otlp.Messages;
using Google.Protobuf;

namespace Benchmarks.Dashboards;

/// <summary>Makes requests as the processes of a busy app send them: traces of ten spans over several services, a log record for each span, and the metrics of a service.</summary>
internal sealed class TelemetryMaker(int processes)
{
    private const int SpansOfTrace = 10;
    private const int SeriesOfProcess = 100;

    private readonly Resource[] _resources =
    [
        .. Enumerable.Range(0, processes).Select(n => new Resource
        {
            Attributes = { Pair("service.name", $"service-{n % 4}"), Pair("service.instance.id", $"instance-{n}"), Pair("telemetry.sdk.language", "dotnet") },
        }),
    ];

    private ulong _next;

    private string _made = "";

    /// <summary>The id of a trace that was taken lately.</summary>
    public string TakenTrace { get; private set; } = "";

    /// <summary>The last batch was taken.</summary>
    public void Taken() => TakenTrace = _made;

    /// <summary>As many spans, and as many log records that belong to them.</summary>
    public (ExportTracesRequest Spans, ExportLogsRequest Logs) Batch(int count)
    {
        var now = UnixNanoseconds();
        var spans = new ScopeSpans { Scope = new() { Name = "Benchmark.Work" } };
        var logs = new ScopeLogs { Scope = new() { Name = "Benchmark.Work.JobRunner" } };
        var bytes = new byte[16];
        for (var i = 0; i < count; i++)
        {
            var id = ++_next;
            var root = ((id - 1) / SpansOfTrace * SpansOfTrace) + 1;
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), root);
            bytes[0] = 1;
            _made = Convert.ToHexStringLower(bytes);
            var (trace, span) = (ByteString.CopyFrom(bytes), Span(id));
            spans.Spans.Add(new SpanMessage
            {
                TraceId = trace,
                SpanId = span,
                ParentSpanId = id == root ? ByteString.Empty : Span(root),
                Name = $"POST /streams/{{topic}} {id % 20}",
                Kind = (int)(id % 5) + 1,
                StartTimeUnixNano = now - ((id % 100) * 1_000_000),
                EndTimeUnixNano = now,
                Status = new() { Code = id % 50 == 0 ? 2 : 0 },
                Attributes =
                {
                    Pair("http.request.method", "POST"), Pair("url.path", $"/streams/topic-{id % 5_000}"), Pair("http.response.status_code", "202"), Pair("server.address", "localhost"),
                    Pair("messaging.message.id", $"0a1b2c-{id}"), Pair("network.protocol.version", "1.1"), Pair("user_agent.original", "curl/8.14.1"), Pair("messaging.system", "redis"),
                },
                Links = { new LinkMessage { TraceId = trace, SpanId = Span(root) } },
            });
            logs.LogRecords.Add(new LogRecord
            {
                TimeUnixNano = now,
                SeverityNumber = id % 100 == 0 ? 17 : 9,
                Body = new() { StringValue = $"Published event {id} of topic-{id % 5_000} to 17 streams in 0.43 ms" },
                TraceId = trace,
                SpanId = span,
                Attributes =
                {
                    Pair("EventId", $"{id}"), Pair("Topic", $"topic-{id % 5_000}"), Pair("Streams", "17"),
                    Pair("{OriginalFormat}", "Published event {EventId} of {Topic} to {Streams} streams in {Milliseconds} ms"),
                },
            });
        }

        var resource = _resources[_next / (ulong)count % (ulong)processes];
        return (
            new() { ResourceSpans = { new ResourceSpans { Resource = resource, ScopeSpans = { spans } } } },
            new() { ResourceLogs = { new ResourceLogs { Resource = resource, ScopeLogs = { logs } } } });
    }

    /// <summary>What all processes report each second: counters and histograms, all of which have grown.</summary>
    public IEnumerable<ExportMetricsRequest> Metrics(int second)
    {
        var now = UnixNanoseconds();
        foreach (var resource in _resources)
        {
            var scope = new ScopeMetrics { Scope = new() { Name = "Benchmark.Meter" } };
            for (var i = 0; i < SeriesOfProcess / 2; i++)
            {
                scope.Metrics.Add(new Metric
                {
                    Name = $"counter.{i}",
                    Sum = new() { AggregationTemporality = 2, IsMonotonic = true, DataPoints = { new NumberDataPoint { TimeUnixNano = now, AsInt = second * i } } },
                });
                scope.Metrics.Add(new Metric
                {
                    Name = $"histogram.{i}",
                    Histogram = new()
                    {
                        AggregationTemporality = 2,
                        DataPoints =
                        {
                            new HistogramDataPoint
                            {
                                TimeUnixNano = now,
                                Count = (ulong)second * 14,
                                Sum = second,
                                ExplicitBounds = { 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10 },
                                BucketCounts = { Enumerable.Repeat((ulong)second, 15) },
                            },
                        },
                    },
                });
            }

            yield return new() { ResourceMetrics = { new ResourceMetrics { Resource = resource, ScopeMetrics = { scope } } } };
        }
    }

    private static ulong UnixNanoseconds() => (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    private static ByteString Span(ulong id)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        return ByteString.CopyFrom(bytes);
    }

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new() { StringValue = value } };
}
