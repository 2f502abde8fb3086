using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Keys that all replicas of a service share.</summary>
public static class SharedKeys
{
    /// <summary>
    /// Keeps the keys of Data Protection in Redis, so that what one replica signs or encrypts (cookies, tickets, tokens against forgery)
    /// every replica can read, also after a restart. Needs
    /// <c>IConnectionMultiplexer</c> (<c>AddRedisClient</c>). Whoever can read that Redis can read the keys.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="service">Its name: services of another name cannot read what this one protects.</param>
    public static IDataProtectionBuilder AddSharedKeys(this IHostApplicationBuilder builder, string service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder
            .Services.AddOptions<KeyManagementOptions>()
            .Configure<IConnectionMultiplexer>(
                (options, redis) => options.XmlRepository = new RedisXmlRepository(() => redis.GetDatabase(), $"data-protection:{service}")
            );
        return builder.Services.AddDataProtection().SetApplicationName($"aspiresse-{service}");
    }
}
