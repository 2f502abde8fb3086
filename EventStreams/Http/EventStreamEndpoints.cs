using System.Diagnostics.CodeAnalysis;
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

    /// <summary>
    /// Maps <c>GET</c> and <c>HEAD</c> of a pattern to the event stream of the topic in it, as <see cref="EventStreamResult"/> describes
    /// it; <c>OPTIONS</c> names the methods that the pattern has. A name that is no topic's is answered 400 with
    /// problem details. The app calls <c>AddEventStreams</c> and, for full speed, <c>UseEventStreamTransport</c>.
    /// </summary>
    /// <param name="endpoints">The app, or a group of routes.</param>
    /// <param name="pattern">A pattern with the parameter <c>{topic}</c>.</param>
    /// <returns>The endpoint: authorisation, names, metadata and filters apply to it before the stream begins.</returns>
    public static RouteHandlerBuilder MapEventStream(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return MapStream(endpoints, pattern, Follow);
    }

    /// <summary>
    /// Maps <c>GET</c> and <c>HEAD</c> of a pattern to a stream over the topics that the request names, 1 to 50, each in a query parameter
    /// <c>topic</c> of its own. Every topic comes as on a stream of its own, exactly and in order; between topics no order
    /// is promised. An event's id is <c>index:cursors</c>: the index, from 0, is that of its topic in the request; the rest says for every topic
    /// where to go on, so that <c>EventSource</c> resumes by itself on any replica that is asked for the same topics in the same
    /// order. <c>stream.open</c> comes once, with <c>{topics: [{topic, cursor, ended?}], replica}</c>; <c>stream.gap</c> and <c>stream.end</c> name
    /// their <c>topic</c>; the answer is 204 when all topics have ended at their cursors.
    /// <c>lastEventId</c> may also be put together: one cursor for each topic, in the order of the request, with dots between them. A cursor is a
    /// topic's part of an id, or the id of an event on a stream of its own; an empty one is that of a topic that begins anew.
    /// </summary>
    /// <param name="endpoints">The app, or a group of routes.</param>
    /// <param name="pattern">A pattern.</param>
    /// <returns>The endpoint: authorisation, names, metadata and filters apply to it before the stream begins.</returns>
    public static RouteHandlerBuilder MapEventStreams(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return MapStream(endpoints, pattern, FollowSeveral);
    }

    private static RouteHandlerBuilder MapStream(IEndpointRouteBuilder endpoints, string pattern, Delegate follow)
    {
        MapOptions(endpoints, pattern, StreamOrder);
        return endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], follow)
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
    public static RouteHandlerBuilder MapEventPublish(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        MapOptions(endpoints, pattern, PublishOrder);
        var publishing = ActivatorUtilities.CreateInstance<EventPublishing>(endpoints.ServiceProvider);
        var endpoint = endpoints.MapPost(pattern, (string topic, HttpContext context) => publishing.RunAsync(topic, context))
            .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status202Accepted, typeof(EventAccepted), ["application/json"]));
        foreach (var status in (int[])[400, 403, 409, 413, 415, 503])
            endpoint.ProducesProblem(status);
        return endpoint;
    }

    private static IResult Follow(string topic) =>
        Topic.TryParse(topic, out var name) ? new EventStreamResult(name) : StreamProblem.OfTopic();

    private static IResult FollowSeveral([FromQuery(Name = "topic")] string?[] topics)
    {
        var (followed, problem) = FollowedTopics.Parse(topics);
        return followed is null ? problem! : new EventStreamResult(followed);
    }

    private static void MapOptions(IEndpointRouteBuilder endpoints, string pattern, int order) =>
        endpoints.MapMethods(pattern, [HttpMethods.Options], static context =>
        {
            var own = ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText;
            var methods = context.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.RoutePattern.RawText == own)
                .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []);
            context.Response.Headers.Allow = string.Join(", ", methods.Distinct());
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }).Add(endpoint =>
        {
            ((RouteEndpointBuilder)endpoint).Order = order;
            endpoint.Metadata.Add(new ExcludeFromDescriptionAttribute());
        });
}

/// <summary>The answer to a publish.</summary>
/// <param name="Id">The event's id, which streams can be resumed after.</param>
public sealed record EventAccepted(string Id);
