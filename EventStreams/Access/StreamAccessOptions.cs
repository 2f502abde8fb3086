using System.ComponentModel.DataAnnotations;
using System.Security.Claims;

namespace EventStreams;

/// <summary>Settings of who may follow what, bound from the configuration section <c>EventStreams:Access</c>; those of an instance with a
/// key from
/// <c>EventStreams:Instances:KEY:Access</c>.</summary>
public sealed class StreamAccessOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = EventStreamsOptions.SectionName + ":Access";

    /// <summary>
    /// An authorisation policy by its name, which every subscription must meet, beside <see cref="IStreamAuthorizer"/> where there is one;
    /// the topic is its resource. Null for none. In contrast to <c>RequireAuthorization</c> of the endpoint it knows the users of tickets.
    /// </summary>
    public string? Policy { get; set; }

    /// <summary>How long a ticket is valid, unless the credential that it was issued for expires before. A stream that was begun with it
    /// ends then too.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan TicketLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Types of the user's claims that a ticket carries beside the subject (<c>sub</c> or name identifier), for the authorizer and
    /// the policy to see. The ticket is part of an address: keep them few.</summary>
    public ISet<string> TicketClaimTypes { get; } = new HashSet<string> { "name", "role", ClaimTypes.Name, ClaimTypes.Role };

    /// <summary>
    /// How long it is remembered that a topic or subject was revoked. Not shorter than the life of any credential that tells its issue
    /// time; one that does not, as an API key, is refused for so long.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan RevocationTimeToLive { get; set; } = TimeSpan.FromDays(1);
}
