using System.IO.Compression;
using Dashboard.Otlp.Messages;
using Dashboard.Security;
using Google.Protobuf;
using Grpc.Core;

namespace Dashboard.Otlp;

/// <summary>Telemetry over HTTP with protobuf bodies.</summary>
internal static class OtlpHttp
{
    private const string ContentType = "application/x-protobuf";

    public static void MapOtlpHttp(this IEndpointRouteBuilder endpoints)
    {
        foreach (var intake in endpoints.ServiceProvider.GetServices<Intake>())
        {
            endpoints.MapPost(intake.HttpPath, context => TakeAsync(context, intake)).RequireAuthorization(DashboardAccess.Otlp).DisableAntiforgery();
        }
    }

    /// <summary>Refuses in the protocol's own way: a status message that the exporter can log.</summary>
    private static Task RefuseAsync(HttpContext context, int statusCode, StatusCode code, string message)
    {
        context.Response.StatusCode = statusCode;
        return WriteAsync(context, new RequestStatus { Code = (int)code, Message = message });
    }

    /// <summary>Refuses a sender that does not show the key; over gRPC the bare status says it.</summary>
    public static Task RefuseStrangerAsync(HttpContext context)
    {
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        return RefuseAsync(
            context, StatusCodes.Status401Unauthorized, StatusCode.Unauthenticated,
            $"The header {DashboardAccess.ApiKeyHeader} does not hold the key of this run: OTEL_EXPORTER_OTLP_HEADERS has it in the services that the AppHost starts.");
    }

    private static async Task TakeAsync(HttpContext context, Intake intake)
    {
        if (!string.Equals(context.Request.ContentType?.Split(';')[0].Trim(), ContentType, StringComparison.OrdinalIgnoreCase))
        {
            await RefuseAsync(
                context, StatusCodes.Status415UnsupportedMediaType, StatusCode.InvalidArgument,
                $"The content type is '{context.Request.ContentType}', but only {ContentType} is taken: set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or grpc.").ConfigureAwait(false);
            return;
        }

        var limit = context.RequestServices.GetRequiredService<DashboardOptions>().MaxRequestBytes;
        try
        {
            if (context.Request.ContentLength > limit)
            {
                throw new RequestTooLargeException(limit);
            }

            if (Body(context.Request) is not { } body)
            {
                await RefuseAsync(
                    context, StatusCodes.Status415UnsupportedMediaType, StatusCode.Unimplemented,
                    $"The content encoding '{context.Request.Headers.ContentEncoding}' is not known: use gzip or none.").ConfigureAwait(false);
                return;
            }

            using var unpacked = new MemoryStream();
            await using (var bounded = new BoundedStream(body, limit, () => new RequestTooLargeException(limit)))
            {
                await bounded.CopyToAsync(unpacked, context.RequestAborted).ConfigureAwait(false);
            }

            var request = intake.Parser.ParseFrom(unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length));
            await WriteAsync(context, intake.Take(request)).ConfigureAwait(false);
        }
        catch (RequestTooLargeException e)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, StatusCode.ResourceExhausted, e.Message).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidDataException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, $"The request cannot be read: {e.Message}").ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or BadHttpRequestException && context.RequestAborted.IsCancellationRequested)
        {
            // The sender has gone.
        }
    }

    private static Stream? Body(HttpRequest request) => request.Headers.ContentEncoding.ToString().ToUpperInvariant() switch
    {
        "" or "IDENTITY" => request.Body,
        "GZIP" => new GZipStream(request.Body, CompressionMode.Decompress),
        _ => null,
    };

    private static async Task WriteAsync(HttpContext context, IMessage message)
    {
        var bytes = message.ToByteArray();
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }
}
