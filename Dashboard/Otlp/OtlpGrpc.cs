using System.IO.Compression;
using Dashboard.Otlp.Messages;
using Dashboard.Security;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Grpc.Net.Compression;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dashboard.Otlp;

/// <summary>Telemetry over gRPC.</summary>
internal sealed class OtlpGrpc
{
    public static void Add(IServiceCollection services, int maxRequestBytes)
    {
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = maxRequestBytes;
            options.CompressionProviders = [new BoundedGzip(maxRequestBytes)];
            options.IgnoreUnknownServices = true;
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<OtlpGrpc>, Methods>());
    }

    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGrpcService<OtlpGrpc>().RequireAuthorization(DashboardAccess.Otlp);

    private static RpcException Unreadable(Exception e) => new(new Status(StatusCode.InvalidArgument, $"The request cannot be read: {e.Message}"));

    /// <summary>One method for each kind of telemetry. Named here and not generated, so that a request that cannot be read gets the status that the protocol asks for.</summary>
    private sealed class Methods(IEnumerable<Intake> intakes) : IServiceMethodProvider<OtlpGrpc>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<OtlpGrpc> context)
        {
            foreach (var intake in intakes)
            {
                var method = new Method<IMessage, ExportResponse>(
                    MethodType.Unary,
                    intake.GrpcService,
                    "Export",
                    new Marshaller<IMessage>((request, to) => throw new NotSupportedException("The server only reads requests."), from => Read(intake, from)),
                    new Marshaller<ExportResponse>(Write, from => throw new NotSupportedException("The server only writes answers.")));
                context.AddUnaryMethod(method, [], (_, request, _) => Task.FromResult(intake.Take(request)));
            }
        }

        private static IMessage Read(Intake intake, DeserializationContext from)
        {
            try
            {
                return intake.Parser.ParseFrom(from.PayloadAsReadOnlySequence());
            }
            catch (InvalidProtocolBufferException e)
            {
                throw Unreadable(e);
            }
        }

        private static void Write(ExportResponse answer, SerializationContext to)
        {
            to.SetPayloadLength(answer.CalculateSize());
            answer.WriteTo(to.GetBufferWriter());
            to.Complete();
        }
    }

    /// <summary>The library limits the packed size alone.</summary>
    private sealed class BoundedGzip(int limit) : ICompressionProvider
    {
        public string EncodingName => "gzip";

        public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
            new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

        public Stream CreateDecompressionStream(Stream stream) => new BoundedStream(
            new GZipStream(stream, CompressionMode.Decompress),
            limit,
            () => new RpcException(new Status(StatusCode.ResourceExhausted, new RequestTooLargeException(limit).Message)),
            Unreadable);
    }
}
