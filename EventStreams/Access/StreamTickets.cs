using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Access;

/// <summary>Makes and reads tickets: encrypted and signed by ASP.NET Data Protection, their times by Redis' clock.</summary>
internal sealed class StreamTickets(
    IDataProtectionProvider protection,
    RevocationLog log,
    RedisClock clock,
    IOptions<StreamAccessOptions> options,
    InstanceKey instance
) : IStreamTickets
{
    /// <summary>What every ticket begins with: nothing else in an address is taken for one.</summary>
    public const string Prefix = "est_";

    private const byte Version = 1;
    private const string Purpose = "EventStreams.StreamTickets.v1";

    // Other instances have topics of the same names.
    private readonly IDataProtector _protector = instance.Value is { } key
        ? protection.CreateProtector(Purpose, key)
        : protection.CreateProtector(Purpose);

    public async ValueTask<StreamTicket> IssueAsync(
        ClaimsPrincipal user,
        IReadOnlyList<Topic> topics,
        TimeSpan? longest = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(topics);
        var now = await log.NowAsync(cancellationToken);
        clock.Observe(now);
        var life = longest < options.Value.TicketLifetime ? longest.Value : options.Value.TicketLifetime;
        var expiresAt = now + (long)life.TotalMicroseconds;
        using var bytes = new MemoryStream();
        using (var writer = new BinaryWriter(bytes))
        {
            writer.Write(Version);
            writer.Write(now);
            writer.Write(expiresAt);
            writer.Write7BitEncodedInt(topics.Count);
            foreach (var topic in topics)
                writer.Write(topic.Name);
            Carried(user).WriteTo(writer);
        }
        var text = Prefix + Base64Url.EncodeToString(Run(() => _protector.Protect(bytes.ToArray())));
        return new StreamTicket(text, DateTimeOffset.UnixEpoch.AddMicroseconds(expiresAt), life.TotalSeconds);
    }

    /// <summary>What a ticket says; null for one that was not issued here. It may have expired.</summary>
    /// <exception cref="EventStreamUnavailableException">The keys could not be read, so that it cannot be told.</exception>
    public StreamCredential? Read(string ticket)
    {
        byte[] bytes;
        try
        {
            bytes = Run(() => _protector.Unprotect(Base64Url.DecodeFromChars(ticket.AsSpan(Prefix.Length))));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
        using var reader = new BinaryReader(new MemoryStream(bytes));
        if (reader.ReadByte() != Version)
            return null;
        var issuedAt = reader.ReadInt64();
        var left = TimeSpan.FromMicroseconds(reader.ReadInt64() - clock.Now);
        var topics = new Topic[reader.Read7BitEncodedInt()];
        for (var i = 0; i < topics.Length; i++)
            topics[i] = Topic.Parse(reader.ReadString());
        return new StreamCredential(new ClaimsPrincipal(new ClaimsIdentity(reader)), issuedAt, left, topics);
    }

    private ClaimsIdentity Carried(ClaimsPrincipal user)
    {
        var own = user.Identity as ClaimsIdentity;
        var carried = new ClaimsIdentity(
            own is { IsAuthenticated: true } ? own.AuthenticationType : null,
            own?.NameClaimType,
            own?.RoleClaimType
        );
        foreach (var claim in user.Claims)
        {
            // Who it is, is needed to revoke it.
            if (claim.Type is "sub" or ClaimTypes.NameIdentifier || options.Value.TicketClaimTypes.Contains(claim.Type))
                carried.AddClaim(new Claim(claim.Type, claim.Value));
        }
        return carried;
    }

    // Keys that cannot be had are reported as one that does not fit.
    private static T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (HasReason<RedisException>(e) || HasReason<EventStreamUnavailableException>(e))
        {
            throw new EventStreamUnavailableException("The keys of tickets could not be read from Redis.", e);
        }
    }

    private static bool HasReason<T>(Exception? e) => e is T || e is not null && HasReason<T>(e.InnerException);
}
