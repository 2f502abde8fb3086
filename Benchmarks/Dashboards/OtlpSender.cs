using Dashboard.Otlp.Messages;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Benchmarks.Dashboards;

/// <summary>Sends requests over gRPC, as an exporter does, and insists that all of each is taken.</summary>
internal sealed class OtlpSender(Uri address, string key) : IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress(address);
    private readonly Metadata _headers = new() { { "x-otlp-api-key", key } };

    public Task SendAsync(ExportTracesRequest request) => SendAsync("opentelemetry.proto.collector.trace.v1.TraceService", request);

    public Task SendAsync(ExportLogsRequest request) => SendAsync("opentelemetry.proto.collector.logs.v1.LogsService", request);

    public Task SendAsync(ExportMetricsRequest request) => SendAsync("opentelemetry.proto.collector.metrics.v1.MetricsService", request);

    public void Dispose() => _channel.Dispose();

    private async Task SendAsync(string service, IMessage request)
    {
        var method = new Method<byte[], byte[]>(MethodType.Unary, service, "Export", Marshallers.Create(b => b, b => b), Marshallers.Create(b => b, b => b));
        using var call = _channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(_headers), request.ToByteArray());
        var answer = ExportResponse.Parser.ParseFrom(await call.ResponseAsync);
        if (answer.PartialSuccess is { Rejected: > 0 } partial)
            throw new InvalidOperationException($"Not all was taken: {partial.ErrorMessage}");
    }
}
