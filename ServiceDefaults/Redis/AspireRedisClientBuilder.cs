using Microsoft.Extensions.Hosting;

namespace Aspire.StackExchange.Redis;

/// <summary>What <c>AddRedisClientBuilder</c> returns, for whoever adds more to the same client.</summary>
public sealed class AspireRedisClientBuilder(IHostApplicationBuilder hostBuilder, StackExchangeRedisSettings settings, string? serviceKey)
{
    /// <summary>The application's builder.</summary>
    public IHostApplicationBuilder HostBuilder { get; } = hostBuilder;

    /// <summary>The settings of the client.</summary>
    public StackExchangeRedisSettings Settings { get; } = settings;

    /// <summary>The key of the registered client; null for the one without a key.</summary>
    public string? ServiceKey { get; } = serviceKey;
}
