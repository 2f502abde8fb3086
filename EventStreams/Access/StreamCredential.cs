using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace EventStreams.Access;

/// <summary>On what a stream is given: who asks, since when that is vouched for, and until when.</summary>
/// <param name="User">The user.</param>
/// <param name="IssuedAt">When the credential was issued, by Redis' clock in microseconds since 1970; 0 where it does not tell.</param>
/// <param name="TimeLeft">How long it is valid; null forever.</param>
/// <param name="Topics">The topics of a ticket; null for all.</param>
internal sealed record StreamCredential(ClaimsPrincipal User, long IssuedAt, TimeSpan? TimeLeft, IReadOnlyList<Topic>? Topics)
{
    // An issuer's clock may be ahead of Redis'. What it has issued right after a revocation then counts as issued before.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(5);

    /// <summary>Who it is, where that is known: one name on all replicas.</summary>
    public string? Subject => SubjectOf(User);

    /// <summary>The claim <c>sub</c>, by either of its names.</summary>
    public static string? SubjectOf(ClaimsPrincipal user) => user.FindFirstValue("sub") ?? user.FindFirstValue(ClaimTypes.NameIdentifier);

    /// <summary>What the app has authenticated the request with. Of several moments that tell of an end, the first counts.</summary>
    public static StreamCredential Of(HttpContext context, DateTimeOffset now)
    {
        var user = context.User;
        var properties = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties;
        var issued = properties?.IssuedUtc ?? Moment(user, "iat") ?? Moment(user, "auth_time");
        var expiry = Moment(user, "exp");
        if (properties?.ExpiresUtc is { } ends && (expiry is null || ends < expiry))
            expiry = ends;
        return new StreamCredential(user, issued is { } at ? RedisClock.MicrosecondsOf(at - ClockSkew) : 0, expiry - now, Topics: null);
    }

    private static DateTimeOffset? Moment(ClaimsPrincipal user, string claim) =>
        long.TryParse(user.FindFirstValue(claim), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 1L << 35
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
