using System.Security.Claims;

namespace EventStreams;

/// <summary>
/// Decides who may follow a topic. Register one as a service (any lifetime); without one, and without
/// <see cref="StreamAccessOptions.Policy"/>, everybody may follow every topic.
/// </summary>
/// <remarks>
/// Asked for each topic of a request when a stream begins, so at every resume as well, and when a ticket is issued. A stream whose
/// credential expires ends with <see cref="StreamEventTypes.Expired"/>, and its client is asked about again when it comes back. Between
/// these moments a stream goes on whatever the answer would be: <see cref="IEventStreamControl"/> ends those that must not.
/// </remarks>
public interface IStreamAuthorizer
{
    /// <summary>Whether the user may follow the topic.</summary>
    /// <param name="user">The request's user; of a request with a ticket the one whom the ticket was issued to, with the claims of
    /// <see cref="StreamAccessOptions.TicketClaimTypes"/>. Not authenticated where nobody is known.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="cancellationToken">The request was given up.</param>
    /// <exception cref="EventStreamUnavailableException">It cannot be told at the moment: the client is asked to come back.</exception>
    ValueTask<bool> CanSubscribeAsync(ClaimsPrincipal user, Topic topic, CancellationToken cancellationToken);
}
