using System.Diagnostics.CodeAnalysis;
using EventStreams.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventStreams.Http;

/// <summary>Maps the issue of tickets as an endpoint of an app.</summary>
public static class StreamTicketEndpoints
{
    private const int MaxTopics = 50;

    // What the address of a stream may have for it, with the rest of the request line within a server's usual 8 KB.
    private const int MaxTicketLength = 6000;

    /// <summary>
    /// Maps <c>POST</c> of a pattern to the issue of a ticket for the topics in its query (<c>?topic=a&amp;topic=b</c>, 1 to 50), for
    /// whoever may follow all of them: the request's user is judged as at the beginning of a stream. 200 with <see cref="StreamTicket"/>;
    /// 400, 401,
    /// 403 and 503 are problem details. A ticket does not get another one. The app calls <c>AddStreamTickets</c>.
    /// </summary>
    /// <param name="endpoints">The app, or a group of routes.</param>
    /// <param name="pattern">A pattern.</param>
    /// <param name="key">The key of the instance whose tickets they are, where the app has several.</param>
    /// <returns>The endpoint: authorisation, names, metadata and filters apply to it before a ticket is issued.</returns>
    public static RouteHandlerBuilder MapStreamTickets(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        string? key = null
    )
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        InstanceServices.Demand(endpoints.ServiceProvider, key, typeof(StreamAccess));
        var services = InstanceServices.Of(endpoints.ServiceProvider, key);
        var tickets =
            services.GetService<IStreamTickets>()
            ?? throw new InvalidOperationException("Call AddStreamTickets before MapStreamTickets, with the same key.");
        var access = services.GetRequiredService<StreamAccess>();
        return endpoints
            .MapPost(pattern, (Delegate)((HttpContext context) => IssueAsync(context, tickets, access)))
            .Produces<StreamTicket>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> IssueAsync(HttpContext context, IStreamTickets tickets, StreamAccess access)
    {
        // As a password that is sent, neither answers nor refusals are for caches.
        context.Response.Headers.CacheControl = "no-store";
        var names = context.Request.Query["topic"];
        var topics = new List<Topic>();
        foreach (var name in names)
        {
            if (!Topic.TryParse(name, out var topic))
                return StreamProblem.OfTopic();
            topics.Add(topic);
        }
        if (topics.Count is 0 or > MaxTopics)
        {
            return new StreamProblem(
                StatusCodes.Status400BadRequest,
                $"A ticket is for 1 to {MaxTopics} topics: ?topic=a&topic=b.",
                "topic"
            );
        }
        try
        {
            var (credential, refusal) = await access.IdentifyUserAsync(context);
            for (var i = 0; refusal is null && i < topics.Count; i++)
                (_, refusal) = await access.AskAsync(context, credential!, topics[i]);
            if (refusal is not null)
                return refusal;
            var ticket = await tickets.IssueAsync(context.User, topics, credential!.TimeLeft, context.RequestAborted);
            return ticket.Ticket.Length > MaxTicketLength
                ? new StreamProblem(
                    StatusCodes.Status400BadRequest,
                    "The ticket would be too long for an address; ask for fewer topics.",
                    "topic"
                )
                : TypedResults.Ok(ticket);
        }
        catch (EventStreamUnavailableException)
        {
            context.Response.Headers.RetryAfter = "2";
            return new StreamProblem(
                StatusCodes.Status503ServiceUnavailable,
                "The service cannot reach its Redis at the moment. Try again in a few seconds."
            );
        }
    }
}
