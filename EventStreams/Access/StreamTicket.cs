using System.Security.Claims;

namespace EventStreams;

/// <summary>A short-lived, signed right to follow some topics, for clients that cannot send headers: part of the stream's address, as the
/// query parameter <c>ticket</c>.</summary>
/// <param name="Ticket">The ticket. Whoever has it may follow.</param>
/// <param name="ExpiresAt">Until when it is valid.</param>
/// <param name="ExpiresIn">The same in seconds from now, for clients whose clock may be wrong.</param>
public sealed record StreamTicket(string Ticket, DateTimeOffset ExpiresAt, double ExpiresIn);

/// <summary>Issues tickets, for pages that are rendered on the server and the like;
/// <see cref="Http.StreamTicketEndpoints.MapStreamTickets"/> does it for whoever asks.</summary>
public interface IStreamTickets
{
    /// <summary>Issues a ticket. Nobody is asked: the caller knows that the user may follow these topics.</summary>
    /// <param name="user">For whom.</param>
    /// <param name="topics">For what; a ticket is part of an address, which servers take up to 8 KB of.</param>
    /// <param name="longest">How long it is valid at the most; never longer than <see cref="StreamAccessOptions.TicketLifetime"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time.</exception>
    ValueTask<StreamTicket> IssueAsync(
        ClaimsPrincipal user,
        IReadOnlyList<Topic> topics,
        TimeSpan? longest = null,
        CancellationToken cancellationToken = default
    );
}
