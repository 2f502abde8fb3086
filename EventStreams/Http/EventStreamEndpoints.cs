using System.Diagnostics.CodeAnalysis;
using EventStreams.Fanout;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStreams.Http;

/// <summary>Maps the streams of topics, and publishing to them, as endpoints of an app.</summary>
public static class EventStreamEndpoints
{
    // OPTIONS of one pattern is answered by one endpoint, however many are mapped on it: the first by this order.
    private const int StreamOrder = 1;
    private const int PublishOrder = 2;
    private const int HistoryOrder = 3;

    /// <summary>
    /// Maps <c>GET</c> and <c>HEAD</c> of a pattern to the event stream of the topic in it, as <see cref="EventStreamResult"/> describes
    /// it; <c>OPTIONS</c> names the methods that the pattern has. A name that is no topic's is answered 400 with
    /// problem details. The app calls <c>AddEventStreams</c> and, for full speed, <c>UseEventStreamTransport</c>.
    /// </summary>
    /// <param name="endpoints">The app, or a group of routes.</param>
    /// <param name="pattern">A pattern with the parameter <c>{topic}</c>.</param>
    /// <param name="key">The key of the instance whose topics they are, where the app has several.</param>
    /// <returns>The endpoint: authorisation, names, metadata and filters apply to it before the stream begins.</returns>
    public static RouteHandlerBuilder MapEventStream(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        string? key = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return MapStream(
            endpoints,
            pattern,
            key,
            (string topic) => Topic.TryParse(topic, out var name) ? new EventStreamResult(name, key) : (IResult)StreamProblem.OfTopic()
        );
    }

    /// <summary>
    /// Maps <c>GET</c> and <c>HEAD</c> of a pattern to a stream over the topics that the request names, 1 to 50, each in a query parameter
    /// <c>topic</c> of its own. Every topic comes as on a stream of its own, exactly and in order; between topics no order
    /// is promised. An event's id is <c>index:cursors</c>: the index, from 0, is that of its topic in the request; the rest says for every
    /// topic where to go on, so that <c>EventSource</c> resumes by itself on any replica that is asked for the same topics in the same
    /// order. <c>stream.open</c> comes once, with <c>{topics: [{topic, cursor, ended?}], replica}</c>; <c>stream.gap</c> and
    /// <c>stream.end</c> name their <c>topic</c>; the answer is 204 when all topics have ended at their cursors.
    /// <c>lastEventId</c> may also be put together: one cursor for each topic, in the order of the request, with dots between them. A
    /// cursor is a topic's part of an id, or the id of an event on a stream of its own; an empty one is that of a topic that begins anew.
    /// </summary>
    /// <param name="endpoints">The app, or a group of routes.</param>
    /// <param name="pattern">A pattern.</param>
    /// <param name="key">The key of the instance whose topics they are, where the app has several.</param>
    /// <returns>The endpoint: authorisation, names, metadata and filters apply to it before the stream begins.</returns>
    public static RouteHandlerBuilder MapEventStreams(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        string? key = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return MapStream(
            endpoints,
            pattern,
            key,
            ([FromQuery(Name = "topic")] string?[] topics, string? from = null) => FollowSeveral(topics, from, key)
        );
    }

    private static RouteHandlerBuilder MapStream(IEndpointRouteBuilder endpoints, string pattern, string? key, Delegate follow)
    {
        InstanceServices.Demand(endpoints.ServiceProvider, key, typeof(EventStreamHub));
        MapOptions(endpoints, pattern, StreamOrder);
        return endpoints
            .MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], follow)
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [EventStreamResult.MediaType]))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            // A stream's duration says nothing.
            .DisableHttpMetrics();
    }

    /// <summary>
    /// Maps <c>POST</c> of a pattern to publishing to the topic in it: the body is the event's data (UTF-8 text), the query's <c>event</c>
    /// its type. 202 with <c>{"id"}</c> once it is stored; a repeat with the same <c>Idempotency-Key</c> stores
    /// nothing and answers with the same id. 400, 403 (<see cref="EventStreamsOptions.ReservedTopicPrefixes"/>), 409 (the topic has ended),
    /// 413, 415 and 503 are problem details. Anyone may publish who gets there: protect the endpoint.
    /// </summary>
    /// <inheritdoc cref="MapEventStream" path="/param"/>
    /// <returns>The endpoint: authorisation, names, metadata and filters apply to it before anything is published.</returns>
    public static RouteHandlerBuilder MapEventPublish(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        string? key = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        MapOptions(endpoints, pattern, PublishOrder);
        InstanceServices.Demand(endpoints.ServiceProvider, key, typeof(IEventPublisher));
        var publishing = InstanceRegistration.Create<EventPublishing>(endpoints.ServiceProvider, key);
        var endpoint = endpoints
            .MapPost(pattern, (string topic, HttpContext context) => publishing.RunAsync(topic, context))
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(EventAccepted), ["application/json"]));
        foreach (var status in (int[])[400, 403, 409, 413, 415, 503])
            endpoint.ProducesProblem(status);
        return endpoint;
    }

    /// <summary>
    /// Maps <c>GET</c> and <c>HEAD</c> of a pattern to the history of the topic in it, in pages of JSON. <c>after=ID</c> asks for the
    /// events after one, <c>before=ID</c> for those before it, <c>before=head</c> for the newest, and neither for the oldest that the log
    /// holds; <c>limit</c> for so many at the most (1 to 1000, 100 by default), and pages are bounded in bytes too (<see
    /// cref="EventStreamsOptions.PageBytes"/>). Events are in order, oldest first, without gaps.
    /// </summary>
    /// <remarks>
    /// <c>{topic, events: [{id, type, data, publishedAt}], cursor, gap?, next?, previous?}</c>: a stream that is opened with the
    /// <c>cursor</c> goes on exactly behind the page;
    /// <c>next</c> and <c>previous</c> are the queries of the pages beside it; <c>gap</c> tells, as on a stream, what cannot be had any
    /// more. Every page has an <c>ETag</c>; one that nothing can change may be cached forever, any other for a second. Where the endpoint
    /// asks for authorisation or the user is known, the answer is
    /// <c>private</c>. What a shared cache has, it goes on giving after the log has trimmed it.
    /// 400 and 503 are problem details.
    /// </remarks>
    /// <inheritdoc cref="MapEventStream" path="/param"/>
    /// <returns>The endpoint: authorisation, names, metadata and filters apply to it.</returns>
    public static RouteHandlerBuilder MapEventHistory(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        string? key = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        MapOptions(endpoints, pattern, HistoryOrder);
        InstanceServices.Demand(endpoints.ServiceProvider, key, typeof(EventStreamHub));
        var history = InstanceRegistration.Create<EventHistory>(endpoints.ServiceProvider, key);
        return endpoints
            .MapMethods(
                pattern,
                [HttpMethods.Get, HttpMethods.Head],
                (string topic, HttpContext context) => history.RunAsync(topic, context)
            )
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(HistoryPageShape), ["application/json"]))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult FollowSeveral(string?[] topics, string? from, string? key)
    {
        if (from == "state")
            return new StreamProblem(StatusCodes.Status400BadRequest, "Only a stream of one topic begins with its state.", "from");
        var (followed, problem) = FollowedTopics.Parse(topics);
        return followed is null ? problem! : new EventStreamResult(followed, key);
    }

    private static void MapOptions(IEndpointRouteBuilder endpoints, string pattern, int order) =>
        endpoints
            .MapMethods(
                pattern,
                [HttpMethods.Options],
                static context =>
                {
                    var own = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText;
                    var methods = context
                        .RequestServices.GetRequiredService<EndpointDataSource>()
                        .Endpoints.OfType<RouteEndpoint>()
                        .Where(endpoint => endpoint.RoutePattern.RawText == own)
                        .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []);
                    context.Response.Headers.Allow = string.Join(", ", methods.Distinct());
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    return Task.CompletedTask;
                }
            )
            .Add(endpoint =>
            {
                ((RouteEndpointBuilder)endpoint).Order = order;
                endpoint.Metadata.Add(new ExcludeFromDescriptionAttribute());
            });
}

/// <summary>The answer to a publish.</summary>
/// <param name="Id">The event's id, which streams can be resumed after.</param>
public sealed record EventAccepted(string Id);

/// <summary>A page of a topic's history, as it is described to clients.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Events">The events, oldest first, without gaps.</param>
/// <param name="Cursor">The id after which a stream goes on behind the page.</param>
/// <param name="Gap">What cannot be had any more.</param>
/// <param name="Next">The query of the next page; none where the log has no more.</param>
/// <param name="Previous">The query of the page before.</param>
internal sealed record HistoryPageShape(
    string Topic,
    IReadOnlyList<HistoryEventShape> Events,
    string Cursor,
    StreamGap? Gap,
    string? Next,
    string? Previous
);

/// <summary>An event of a page of history.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Data">Its data, as text.</param>
/// <param name="PublishedAt">The publisher's clock.</param>
internal sealed record HistoryEventShape(string Id, string Type, string Data, DateTimeOffset PublishedAt);
