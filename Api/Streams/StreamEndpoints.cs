using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Api.OpenApi;
using Api.Problems;
using EventStreams;
using EventStreams.Http;
using EventStreams.Publishing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Api.Streams;

/// <summary>Any topic's stream, for any service in any language.</summary>
internal static class StreamEndpoints
{
    private const string DefaultEventType = "message";

    public static void AddStreamPublishing(this WebApplicationBuilder builder) =>
        builder.Services.AddOptions<StreamsOptions>().BindConfiguration(StreamsOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();

    public static void MapStreams(this WebApplication app)
    {
        var streams = app.MapGroup("/streams").WithTags("Streams");

        streams.MapGet("/{topic}", (string topic) => new EventStreamResult(ParseTopic(topic)))
            .WithSummary("Follow a topic")
            .WithDescription(StreamText.Description)
            .ProducesEventStream()
            .DisableHttpMetrics()
            .ProducesProblems(400);

        streams.MapPost("/{topic}", PublishAsync)
            .AddEndpointFilter<PublisherRight>()
            .WithSummary("Publish an event")
            .WithDescription("The body is the event's data, as UTF-8 text. With an Idempotency-Key a repeat publishes nothing and answers with the same id. Outside Development it needs the publisher key.")
            .TakesText("{\"temperature\": 21.5}")
            .WithIdempotencyKey()
            .ProducesProblems(400, 401, 403, 409, 413, 503);
    }

    private static async Task<Accepted<EventAccepted>> PublishAsync(
        string topic,
        HttpContext context,
        IEventPublisher publisher,
        IOptions<EventStreamsOptions> options,
        CancellationToken cancellationToken,
        string @event = DefaultEventType)
    {
        var name = ParseTopic(topic);
        if (!PublishValidation.IsEventType(@event))
        {
            throw ApiException.BadRequest(
                $"The event type has 1 to {PublishValidation.MaxNameLength} letters, digits, '.', '_', ':' or '-', and does not begin with 'stream.'.", "event");
        }
        var demands = IdempotencyKey.Of(context.Request) is { } key ? new PublishOptions { ProducerId = ProducerOf(key), Sequence = 1 } : PublishOptions.None;
        var data = await ReadDataAsync(context, options.Value.MaxPayloadBytes);

        var result = await publisher.PublishAsync(name, new EventMessage(@event, data), demands, cancellationToken);
        return result.IsStored
            ? TypedResults.Accepted($"/streams/{name}", new EventAccepted(result.Id.ToString()))
            : throw ApiException.Conflict($"The topic '{name}' has ended, so nothing can be published to it any more. Use another topic.");
    }

    private static async Task<byte[]> ReadDataAsync(HttpContext context, int maxBytes)
    {
        var data = await BoundedBody.ReadAsync(context, maxBytes, $"An event's data has at most {maxBytes} bytes. Publish a reference to larger data instead.");
        if (data.Length == 0)
            throw ApiException.BadRequest("The body is empty. It is the event's data, and browsers do not dispatch an event without any.");
        return Utf8.IsValid(data) ? data : throw ApiException.BadRequest("The body is not valid UTF-8. Event streams carry text; encode other data, for example as Base64.");
    }

    /// <summary>A key is a producer that ever publishes one event. Hashed, since clients choose the text.</summary>
    private static string ProducerOf(string key) => "key:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static Topic ParseTopic(string name) =>
        Topic.TryParse(name, out var topic)
            ? topic
            : throw ApiException.BadRequest($"A topic's name has 1 to {Topic.MaxLength} characters: a letter or digit first, then letters, digits, '.', '_', ':' or '-'.", "topic");
}

/// <summary>The answer to a publish.</summary>
/// <param name="Id">The event's id, which streams can be resumed after.</param>
internal sealed record EventAccepted(string Id);
