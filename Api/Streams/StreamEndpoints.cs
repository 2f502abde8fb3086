using Api.OpenApi;
using EventStreams.Http;

namespace Api.Streams;

/// <summary>Any topic's stream, for any service in any language.</summary>
internal static class StreamEndpoints
{
    public static void AddStreamPublishing(this WebApplicationBuilder builder) =>
        builder.Services.AddOptions<StreamsOptions>().BindConfiguration(StreamsOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();

    public static void MapStreams(this WebApplication app)
    {
        var streams = app.MapGroup("/streams").WithTags("Streams");

        streams.MapEventStream("/{topic}")
            .WithSummary("Follow a topic")
            .WithDescription(StreamText.Description)
            .ProducesEventStream();

        streams.MapEventStreams("")
            .WithSummary("Follow several topics")
            .WithDescription(StreamText.DescriptionOfSeveral)
            .ProducesEventStream();

        streams.MapEventPublish("/{topic}")
            .AddEndpointFilter<PublisherRight>()
            .WithSummary("Publish an event")
            .WithDescription(
                "The body is the event's data, as UTF-8 text; the query's event is its type. With an Idempotency-Key a repeat publishes nothing and answers with the same id. Topics of jobs are the service's own. "
                + "Outside Development it needs the publisher key.")
            .TakesText("{\"temperature\": 21.5}")
            .WithEventType()
            .WithIdempotencyKey()
            .ProducesProblems(401);
    }
}
