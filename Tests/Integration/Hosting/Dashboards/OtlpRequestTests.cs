using System.IO.Compression;
using System.Net;
using Dashboard.Otlp.Messages;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Tests.Integration.Hosting.Dashboards;

/// <summary>Requests that are packed, broken, too large, or in part of no use, over both protocols, are answered as OTLP says.</summary>
public sealed class OtlpRequestTests(OtlpRequestTests.SmallDashboard fixture) : IClassFixture<OtlpRequestTests.SmallDashboard>
{
    private const int Limit = 64 * 1024;
    private const string TracePath = "/v1/traces";
    private static readonly Method<byte[], byte[]> Export = new(
        MethodType.Unary, "opentelemetry.proto.collector.trace.v1.TraceService", "Export", Marshallers.Create(b => b, b => b), Marshallers.Create(b => b, b => b));

    // Valid, and compresses a thousandfold.
    private static readonly byte[] Large = Spans(Span("large", new string('x', 2 * Limit))).ToByteArray();

    private RunningDashboard Dashboard => fixture.Running;

    [Fact]
    public async Task Over_http_a_packed_request_is_taken()
    {
        using var answer = await PostAsync(Gzip(Spans(Span("packed over http")).ToByteArray()), encoding: "gzip");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/x-protobuf", answer.Content.Headers.ContentType?.MediaType);
        // All was taken: the partial success is not set.
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        Assert.NotEmpty(Dashboard.Telemetry.Traces.Query(new() { Text = "packed over http" }).Traces);
    }

    [Fact]
    public async Task Over_grpc_a_packed_request_is_taken()
    {
        var answer = await CallAsync(Spans(Span("packed over grpc")).ToByteArray(), packed: true);

        Assert.Empty(answer);
        Assert.NotEmpty(Dashboard.Telemetry.Traces.Query(new() { Text = "packed over grpc" }).Traces);
    }

    [Theory]
    [InlineData("malformed", HttpStatusCode.BadRequest, StatusCode.InvalidArgument, "cannot be read")]
    [InlineData("malformed gzip", HttpStatusCode.BadRequest, StatusCode.InvalidArgument, "cannot be read")]
    [InlineData("too large", HttpStatusCode.RequestEntityTooLarge, StatusCode.ResourceExhausted, "smaller batches")]
    [InlineData("too large unpacked", HttpStatusCode.RequestEntityTooLarge, StatusCode.ResourceExhausted, "smaller batches")]
    [InlineData("JSON", HttpStatusCode.UnsupportedMediaType, StatusCode.InvalidArgument, "OTEL_EXPORTER_OTLP_PROTOCOL")]
    [InlineData("unknown encoding", HttpStatusCode.UnsupportedMediaType, StatusCode.Unimplemented, "use gzip")]
    [InlineData("no key", HttpStatusCode.Unauthorized, StatusCode.Unauthenticated, "x-otlp-api-key")]
    [InlineData("wrong key", HttpStatusCode.Unauthorized, StatusCode.Unauthenticated, "x-otlp-api-key")]
    public async Task Over_http_a_request_of_no_use_is_refused_with_a_status_message(string what, HttpStatusCode status, StatusCode code, string text)
    {
        byte[] malformed = [0xff, 0xff, 0xff];
        using var answer = what switch
        {
            "malformed" => await PostAsync(malformed),
            "malformed gzip" => await PostAsync(malformed, encoding: "gzip"),
            "too large" => await PostAsync(Large),
            "too large unpacked" => await PostAsync(Gzip(Large), encoding: "gzip"),
            "JSON" => await PostAsync("{}"u8.ToArray(), type: "application/json"),
            "unknown encoding" => await PostAsync(malformed, encoding: "br"),
            "no key" => await PostAsync([], key: null),
            _ => await PostAsync([], key: "wrong"),
        };

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/x-protobuf", answer.Content.Headers.ContentType?.MediaType);
        var message = RequestStatus.Parser.ParseFrom(await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal((int)code, message.Code);
        Assert.Contains(text, message.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("malformed", StatusCode.InvalidArgument)]
    [InlineData("too large", StatusCode.ResourceExhausted)]
    [InlineData("too large unpacked", StatusCode.ResourceExhausted)]
    [InlineData("no key", StatusCode.Unauthenticated)]
    public async Task Over_grpc_a_request_of_no_use_is_refused_with_a_status(string what, StatusCode code)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => what switch
        {
            "malformed" => CallAsync([0xff, 0xff, 0xff]),
            "too large" => CallAsync(Large),
            "too large unpacked" => CallAsync(Large, packed: true),
            _ => CallAsync([], key: null),
        });

        Assert.Equal(code, error.StatusCode);
    }

    [Fact]
    public async Task Over_grpc_what_cannot_be_unpacked_is_refused_for_good()
    {
        // By hand, as no client packs badly: compressed, three bytes long, and no gzip.
        byte[] message = [1, 0, 0, 0, 3, 0xff, 0xff, 0xff];
        using var client = new HttpClient { BaseAddress = Dashboard.Server.GrpcAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, Export.FullName)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(message),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.Add("te", "trailers");
        request.Headers.Add("grpc-encoding", "gzip");
        request.Headers.Add("x-otlp-api-key", Dashboard.Server.OtlpApiKey);

        using var answer = await client.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();

        var status = answer.Headers.Concat(answer.TrailingHeaders).Single(header => header.Key == "grpc-status").Value.Single();
        Assert.Equal(StatusCode.InvalidArgument, (StatusCode)int.Parse(status, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task What_is_of_no_use_within_a_request_is_counted_in_the_answer_and_the_rest_is_taken()
    {
        var half = Spans(Span("the good one"), new SpanMessage { Name = "no ids" }, new SpanMessage { TraceId = ByteString.CopyFrom(new byte[16]), SpanId = Bytes(8) }).ToByteArray();

        using var answer = await PostAsync(half);
        foreach (var bytes in new[] { await answer.Content.ReadAsByteArrayAsync(), await CallAsync(half) })
        {
            var partial = ExportResponse.Parser.ParseFrom(bytes).PartialSuccess;
            Assert.Equal(2, partial.Rejected);
            Assert.Equal("2 spans have no valid trace id or span id.", partial.ErrorMessage);
        }

        Assert.NotEmpty(Dashboard.Telemetry.Traces.Query(new() { Text = "the good one" }).Traces);
    }

    [Fact]
    public async Task Metrics_that_cannot_be_kept_are_counted_in_the_answer()
    {
        var point = new NumberDataPoint { TimeUnixNano = 1, AsDouble = 1 };
        var scope = new ScopeMetrics
        {
            Metrics =
            {
                new Metric { Name = "good", Gauge = new() { DataPoints = { point } } },
                new Metric { Name = "summary", Summary = new() { DataPoints = { new SummaryDataPoint() } } },
                new Metric { Gauge = new() { DataPoints = { point } } },
                new Metric { Name = "no time", Gauge = new() { DataPoints = { new NumberDataPoint { AsDouble = 1 } } } },
                new Metric { Name = "bounds", Histogram = new() { DataPoints = { new HistogramDataPoint { TimeUnixNano = 1, ExplicitBounds = { 2, 1 }, BucketCounts = { 0, 0, 0 } } } } },
            },
        };
        var request = new ExportMetricsRequest { ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { scope } } } };

        using var answer = await PostAsync(request.ToByteArray(), "/v1/metrics");

        var partial = ExportResponse.Parser.ParseFrom(await answer.Content.ReadAsByteArrayAsync()).PartialSuccess;
        Assert.Equal(4, partial.Rejected);
        Assert.Contains("summaries are not", partial.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(["good"], Dashboard.Telemetry.Metrics.Instruments("unknown_service").Select(i => i.Name));
    }

    private static SpanMessage Span(string name, string text = "") =>
        new() { TraceId = Bytes(16), SpanId = Bytes(8), Name = name, Attributes = { new KeyValue { Key = "text", Value = new AnyValue { StringValue = text } } } };

    private static ExportTracesRequest Spans(params SpanMessage[] spans) => new() { ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { spans } } } } } };

    private static ByteString Bytes(int length) => ByteString.CopyFrom(System.Security.Cryptography.RandomNumberGenerator.GetBytes(length));

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private async Task<HttpResponseMessage> PostAsync(
        byte[] body, string path = TracePath, string? encoding = null, string type = "application/x-protobuf", string? key = "")
    {
        using var client = new HttpClient { BaseAddress = Dashboard.Server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new(type);
        if (encoding is not null)
            request.Content.Headers.ContentEncoding.Add(encoding);
        if (key is not null)
            request.Headers.Add("x-otlp-api-key", key.Length > 0 ? key : Dashboard.Server.OtlpApiKey);
        return await client.SendAsync(request);
    }

    private async Task<byte[]> CallAsync(byte[] body, bool packed = false, string? key = "")
    {
        using var channel = GrpcChannel.ForAddress(Dashboard.Server.GrpcAddress);
        var headers = new Metadata();
        if (key is not null)
            headers.Add("x-otlp-api-key", Dashboard.Server.OtlpApiKey);
        if (packed)
            headers.Add("grpc-internal-encoding-request", "gzip");
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(Export, null, new CallOptions(headers), body);
        return await call.ResponseAsync;
    }

    /// <summary>A dashboard that takes small requests only.</summary>
    public sealed class SmallDashboard : IAsyncLifetime
    {
        internal RunningDashboard Running { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Running = await RunningDashboard.StartAsync($"--Dashboard:MaxRequestBytes={Limit}");

        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }
}
