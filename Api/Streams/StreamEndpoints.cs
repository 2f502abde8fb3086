using Api.Access;
using Api.Limits;
using Api.OpenApi;
using EventStreams.Http;

namespace Api.Streams;

/// <summary>Any topic's stream, for any service in any language.</summary>
internal static class StreamEndpoints
{
    public static void MapStreams(this WebApplication app)
    {
        var streams = app.MapGroup("/streams").WithTags("Streams");

        streams
            .MapEventStream("/{topic}")
            .AllowAnonymous()
            .WithSummary("Follow a topic")
            .WithDescription(StreamText.Description)
            .ProducesEventStream()
            .ProducesProblems(401, 403);

        streams
            .MapEventStreams("")
            .AllowAnonymous()
            .WithSummary("Follow several topics")
            .WithDescription(StreamText.DescriptionOfSeveral)
            .ProducesEventStream()
            .ProducesProblems(401, 403);

        app.MapStreamTickets("/tickets")
            .AllowAnonymous()
            .RequireRateLimiting(LimitSetup.Ticket)
            .WithTags("Streams")
            .WithSummary("Get a ticket for topics")
            .WithDescription(
                "For clients whose streams carry no credential of their own, as EventSource on another origin: the ticket goes into the "
                    + "stream's address, as the query parameter ticket. It is valid for minutes; when it runs out the stream ends with "
                    + "stream.expired, and goes on at the last event id with another one."
            )
            .WithTopics();

        streams
            .MapEventHistory("/{topic}/events")
            .AllowAnonymous()
            .WithSummary("Read a topic's history")
            .WithDescription(
                "A page of events, oldest first and without gaps: after=ID those after an event, before=ID those before it, before=head "
                    + "the newest, neither the oldest held. Go on with the page's next or previous; "
                    + "a stream that is opened with the page's cursor goes on exactly behind it. A page that nothing can change may be "
                    + "kept forever, any other for a second."
            )
            .WithHistoryQuery()
            .ProducesProblems(401, 403);

        streams
            .MapEventPublish("/{topic}")
            .RequireAuthorization(AccessPolicies.Publish)
            .RequireRateLimiting(LimitSetup.Publish)
            .WithSummary("Publish an event")
            .WithDescription(
                "The body is the event's data, as UTF-8 text; the query's event is its type. With an Idempotency-Key a repeat publishes "
                    + "nothing and answers with the same id. Topics of jobs are the service's own. "
                    + "It needs the right to publish to the topic."
            )
            .TakesText("{\"temperature\": 21.5}")
            .WithEventType()
            .WithIdempotencyKey()
            .ProducesProblems(401, 429);
    }
}
