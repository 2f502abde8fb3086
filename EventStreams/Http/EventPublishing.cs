using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using EventStreams.Publishing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EventStreams.Http;

/// <summary>Publishes what a request has in its body: one event.</summary>
internal sealed class EventPublishing(IEventPublisher publisher, IOptions<EventStreamsOptions> options)
{
    private const string DefaultEventType = "message";
    private const string IdempotencyKeyHeader = "Idempotency-Key";
    private const int MaxKeyLength = 255;

    /// <summary>Answers one request.</summary>
    public async Task<IResult> RunAsync(string topic, HttpContext context)
    {
        if (!Topic.TryParse(topic, out var name))
            return StreamProblem.OfTopic();
        if (IsReserved(topic))
            return new StreamProblem(
                StatusCodes.Status403Forbidden,
                $"The topic '{topic}' is the service's own: nobody else can publish to it. Use a name that begins otherwise."
            );
        var request = context.Request;
        var type = (string?)request.Query["event"] ?? DefaultEventType;
        if (!PublishValidation.IsEventType(type))
        {
            return new StreamProblem(
                StatusCodes.Status400BadRequest,
                $"The event type has 1 to {PublishValidation.MaxNameLength} letters, digits, '.', '_', ':' or '-', and does not "
                    + "begin with 'stream.'.",
                "event"
            );
        }
        if (!TryReadOptions(request, out var options))
            return new StreamProblem(
                StatusCodes.Status400BadRequest,
                $"The header {IdempotencyKeyHeader} has 1 to {MaxKeyLength} printable ASCII characters; a UUID is a good choice."
            );
        if (RefuseCoding(context) is { } refusal)
            return refusal;
        try
        {
            var (data, problem) = await ReadAsync(context);
            if (problem is not null)
                return problem;
            var result = await publisher.PublishAsync(name, new EventMessage(type, data), options, context.RequestAborted);
            return result.IsStored
                ? new PublishAccepted(result.Id)
                : new StreamProblem(
                    StatusCodes.Status409Conflict,
                    $"The topic '{name}' has ended, so nothing can be published to it any more. Use another topic."
                );
        }
        catch (EventStreamUnavailableException)
        {
            context.Response.Headers.RetryAfter = "2";
            return new StreamProblem(
                StatusCodes.Status503ServiceUnavailable,
                $"The service cannot reach its Redis at the moment. Try again in a few seconds; with an {IdempotencyKeyHeader} "
                    + "nothing is published twice."
            );
        }
    }

    private bool IsReserved(string topic)
    {
        foreach (var prefix in options.Value.ReservedTopicPrefixes)
        {
            if (topic.StartsWith(prefix, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    /// <summary>A caller's key is a producer that ever publishes one event. Hashed, since clients choose the text.</summary>
    private static bool TryReadOptions(HttpRequest request, out PublishOptions options)
    {
        options = PublishOptions.None;
        if (!request.Headers.TryGetValue(IdempotencyKeyHeader, out var values))
            return true;
        var key = values.ToString();
        if (key.Length is 0 or > MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return false;
        // Two callers who choose the same key do not take each other's events for repeats.
        var caller = request.HttpContext.User.FindFirst("sub")?.Value;
        var producer = "key:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}")));
        options = new PublishOptions { ProducerId = producer, Sequence = 1 };
        return true;
    }

    // Other text would arrive as letters that it does not have, and a compressed body as no text at all.
    private static StreamProblem? RefuseCoding(HttpContext context)
    {
        var request = context.Request;
        if (
            request.Headers.ContentEncoding is { Count: > 0 } coding
            && !coding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase)
        )
        {
            context.Response.Headers.AcceptEncoding = "identity";
            return new StreamProblem(
                StatusCodes.Status415UnsupportedMediaType,
                $"The content coding '{coding}' is not taken: send the event's data as it is."
            );
        }
        if (
            request.ContentType is { } type
            && type.Contains(';', StringComparison.Ordinal)
            && MediaTypeHeaderValue.TryParse(type, out var media)
            && HeaderUtilities.RemoveQuotes(media.Charset) is { Length: > 0 } charset
            && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && !charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase)
        )
        {
            return new StreamProblem(
                StatusCodes.Status415UnsupportedMediaType,
                $"The charset '{charset}' is not taken: an event's data is UTF-8."
            );
        }
        return null;
    }

    private async ValueTask<(byte[] Data, StreamProblem? Problem)> ReadAsync(HttpContext context)
    {
        var limit = options.Value.MaxPayloadBytes;
        // The server's own limit closes the connection at once, and a client that is still sending sees a broken connection and no answer.
        // Without it the server reads on for a few seconds after the answer.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        var declared = context.Request.ContentLength;
        var data =
            declared <= limit ? new byte[declared.Value]
            : declared is null ? new byte[4096]
            : null;
        var length = 0;
        while (data is not null)
        {
            // One byte beyond the limit is enough to know.
            if (length == data.Length && declared is null)
                Array.Resize(ref data, Math.Min(data.Length * 2, limit + 1));
            var read = length < data.Length ? await context.Request.Body.ReadAsync(data.AsMemory(length), context.RequestAborted) : 0;
            if (read == 0)
                break;
            length += read;
            if (length > limit)
                data = null;
        }
        if (data is null)
            return (
                [],
                new StreamProblem(
                    StatusCodes.Status413PayloadTooLarge,
                    $"An event's data has at most {limit} bytes. Publish a reference to larger data instead."
                )
            );
        if (length < data.Length)
            Array.Resize(ref data, length);
        if (length == 0)
            return (
                [],
                new StreamProblem(
                    StatusCodes.Status400BadRequest,
                    "The body is empty. It is the event's data, and browsers do not dispatch an event without any."
                )
            );
        return Utf8.IsValid(data)
            ? (data, null)
            : (
                [],
                new StreamProblem(
                    StatusCodes.Status400BadRequest,
                    "The body is not valid UTF-8. Event streams carry text; encode other data, for example as Base64."
                )
            );
    }
}

/// <summary>202 with the event's id.</summary>
internal sealed class PublishAccepted(EventId id) : IResult, IStatusCodeHttpResult
{
    /// <inheritdoc/>
    public int? StatusCode => StatusCodes.Status202Accepted;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status202Accepted;
        response.Headers.Location = httpContext.Request.PathBase.Add(httpContext.Request.Path).ToUriComponent();
        response.ContentType = MediaTypeNames.Application.Json;
        // An id has nothing in it that JSON would escape.
        var body = Encoding.ASCII.GetBytes($"{{\"id\":\"{id}\"}}");
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, 0, body.Length, httpContext.RequestAborted);
    }
}
