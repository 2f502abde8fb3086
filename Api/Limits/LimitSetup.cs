using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Api.Access;
using Api.Problems;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Subtitles.Jobs;

namespace Api.Limits;

/// <summary>Limits how often one caller may call what costs something.</summary>
internal static class LimitSetup
{
    public const string Submit = "submit";
    public const string Command = "command";
    public const string Publish = "publish";
    public const string Ticket = "ticket";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static void AddLimits(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddOptions<LimitsOptions>()
            .BindConfiguration(LimitsOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(Submit, context => Shared(context, Submit, options => options.SubmitsPerMinute));
            limiter.AddPolicy(Command, context => Shared(context, Command, options => options.CommandsPerMinute));
            limiter.AddPolicy(Ticket, context => Shared(context, Ticket, options => options.TicketsPerMinute));
            limiter.AddPolicy(Publish, Own);
            limiter.OnRejected = static (context, _) => throw Refusal(context);
        });
    }

    private static RateLimitPartition<string> Shared(HttpContext context, string name, Func<LimitsOptions, int> limitOf)
    {
        var services = context.RequestServices;
        var limit = limitOf(services.GetRequiredService<IOptions<LimitsOptions>>().Value);
        if (limit == 0 || CallerOf(context) is not { } caller)
            return RateLimitPartition.GetNoLimiter("");
        var prefix = services.GetRequiredService<IOptions<JobsOptions>>().Value.KeyPrefix;
        return RateLimitPartition.Get(
            caller,
            _ => new SharedWindowLimiter(
                services.GetRequiredService<IConnectionMultiplexer>(),
                $"{prefix}:limit:{name}:{JobOwner.KeyOf(caller)}",
                limit,
                Minute
            )
        );
    }

    private static RateLimitPartition<string> Own(HttpContext context)
    {
        var limit = context.RequestServices.GetRequiredService<IOptions<LimitsOptions>>().Value.PublishesPerSecond;
        return limit == 0 || CallerOf(context) is not { } caller
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetTokenBucketLimiter(
                caller,
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = limit,
                    TokensPerPeriod = Math.Max(1, limit / 10),
                    ReplenishmentPeriod = TimeSpan.FromMilliseconds(Math.Max(100, 1000 / limit)),
                }
            );
    }

    /// <summary>Who counts as one; null for who is not limited. A visitor could draw a new subject for each call, so that their address
    /// counts.</summary>
    private static string? CallerOf(HttpContext context)
    {
        var subject = Caller.SubjectOf(context.User);
        if (context.User.Identity?.AuthenticationType != VisitorHandler.SchemeName)
            return subject is null ? "address " + NetworkOf(context.Connection.RemoteIpAddress) : "subject " + subject;
        return subject == VisitorHandler.SharedSubject ? null : "address " + NetworkOf(context.Connection.RemoteIpAddress);
    }

    // Whoever has an IPv6 address has all of its first 64 bits.
    private static string NetworkOf(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        return address is { AddressFamily: AddressFamily.InterNetworkV6 }
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address?.ToString() ?? "none";
    }

    private static ApiException Refusal(OnRejectedContext context)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after)
            ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds))
            : 1;
        return new ApiException(
            StatusCodes.Status429TooManyRequests,
            $"That is more than one caller may do in this time. Try again in {wait} s."
        )
        {
            RetryAfterSeconds = wait,
        };
    }
}
