using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
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
        MapOptions(endpoints, pattern, StreamOrder);
        return endpoints.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], Follow)
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
