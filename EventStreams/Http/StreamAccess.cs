using EventStreams.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventStreams.Http;

/// <summary>Judges who may follow what: <see cref="IdentifyAsync"/> once for a request, <see cref="AskAsync"/> for each of its
/// topics.</summary>
internal sealed class StreamAccess(
    Revocations revocations,
    IOptions<StreamAccessOptions> options,
    IServiceProvider services,
    InstanceKey instance,
    TimeProvider time
)
{
    private const string TicketChallenge = "StreamTicket";

    private readonly StreamTickets? _tickets = InstanceServices.Of(services, instance.Value).GetService<StreamTickets>();

    // An instance's own authorizer, else that of the app.
    private readonly string? _authorizerKey = HasAuthorizer(services, instance.Value) ? instance.Value : null;

    /// <summary>Whether everybody may follow every topic.</summary>
    public bool IsOpen { get; } =
        options.Value.Policy is null && !HasAuthorizer(services, instance.Value) && !HasAuthorizer(services, null);

    /// <summary>What a request comes with: its ticket, else its user.</summary>
    /// <returns>Either the credential, or the answer to what is none.</returns>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time, and it cannot be told.</exception>
    public async ValueTask<(StreamCredential? Credential, IResult? Refusal)> IdentifyAsync(HttpContext context)
    {
        if (_tickets is null || TicketQuery.TakeFrom(context.Features) is not { } ticket)
            return await IdentifyUserAsync(context);
        await revocations.EnsureCurrentAsync(context.RequestAborted);
        return _tickets.Read(ticket) switch
        {
            null => (null, Unauthorized(context, "The stream ticket is none of this service's. Ask for another one.")),
            { TimeLeft: { } left } when left <= TimeSpan.Zero => (
                null,
                Unauthorized(context, "The stream ticket has expired. Ask for another one, and go on with it at the last event id.")
            ),
            var credential => (credential, null),
        };
    }

    /// <summary>What a request comes with beside a ticket: its user.</summary>
    /// <inheritdoc cref="IdentifyAsync"/>
    public async ValueTask<(StreamCredential? Credential, IResult? Refusal)> IdentifyUserAsync(HttpContext context)
    {
        var credential = StreamCredential.Of(context, time.GetUtcNow());
        // Whom nobody knows can lose a topic only; what a replica that is cut off still has of it, it would give away for a moment.
        if (credential.Subject is not null)
            await revocations.EnsureCurrentAsync(context.RequestAborted);
        return credential.TimeLeft <= TimeSpan.Zero
            ? (null, Unauthorized(context, "What the request was authenticated with has expired. Sign in again."))
            : (credential, null);
    }

    /// <summary>Whether somebody may follow a topic.</summary>
    /// <returns>Either what the stream is served on, or the answer to somebody who may not.</returns>
    /// <inheritdoc cref="IdentifyAsync" path="/exception"/>
    public async ValueTask<(StreamGrant? Grant, IResult? Refusal)> AskAsync(HttpContext context, StreamCredential credential, Topic topic)
    {
        if (credential.Topics is { } topics && !topics.Contains(topic))
            return (null, Forbidden($"The stream ticket is not for the topic '{topic}'. Ask for one that is."));
        if (revocations.Refuse(topic, credential.Subject, credential.IssuedAt))
            return (null, Forbidden($"The right to follow the topic '{topic}' was revoked."));
        if (!IsOpen && !await IsAllowedAsync(context, credential, topic))
        {
            return (
                null,
                credential.User.Identity is { IsAuthenticated: true }
                    ? Forbidden($"You may not follow the topic '{topic}'.")
                    : Unauthorized(context, $"The topic '{topic}' is for known users. Sign in, or send a stream ticket.")
            );
        }
        // Rounded up: a client that comes back must not find what it has still valid.
        var expiresAt = credential.TimeLeft is { } left
            ? Environment.TickCount64 + (long)Math.Ceiling(left.TotalMilliseconds)
            : long.MaxValue;
        return (new StreamGrant(revocations, topic, credential.Subject, credential.IssuedAt, expiresAt), null);
    }

    private async ValueTask<bool> IsAllowedAsync(HttpContext context, StreamCredential credential, Topic topic)
    {
        var request = context.RequestServices;
        if (
            request.GetKeyedService<IStreamAuthorizer>(_authorizerKey) is { } authorizer
            && !await authorizer.CanSubscribeAsync(credential.User, topic, context.RequestAborted)
        )
            return false;
        return options.Value.Policy is not { } policy
            || (await request.GetRequiredService<IAuthorizationService>().AuthorizeAsync(credential.User, topic, policy)).Succeeded;
    }

    private static bool HasAuthorizer(IServiceProvider services, string? key) =>
        InstanceServices.Has(services, key, typeof(IStreamAuthorizer));

    private static StreamProblem Forbidden(string detail) => new(StatusCodes.Status403Forbidden, detail);

    private static StreamProblem Unauthorized(HttpContext context, string detail)
    {
        context.Response.Headers.WWWAuthenticate = TicketChallenge;
        return new StreamProblem(StatusCodes.Status401Unauthorized, detail);
    }
}
