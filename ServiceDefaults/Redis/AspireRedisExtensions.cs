using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using ServiceDefaults;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Registers a Redis client, by the signatures of the package Aspire.StackExchange.Redis. This file is compiled only where that package is not used
/// (see <c>AspireHosting</c> in build/AspireHosting.props), so that services read the same either way.
/// </summary>
public static class AspireRedisExtensions
{
    private const string SectionName = "Aspire:StackExchange:Redis";

    /// <summary>Registers <see cref="IConnectionMultiplexer"/> as a singleton, with a health check. A server that cannot be reached yet is no error: the client goes on trying.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="connectionName">The name in the section <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Changes the settings after they were bound.</param>
    /// <param name="configureOptions">Changes the client library's options after the connection string was parsed.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        builder.AddRedisClientBuilder(connectionName, configureSettings, configureOptions);

    /// <inheritdoc cref="AddRedisClient"/>
    public static AspireRedisClientBuilder AddRedisClientBuilder(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, serviceKey: null, configureSettings, configureOptions);

    /// <summary>Registers <see cref="IConnectionMultiplexer"/> as a singleton with a key.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="name">The key, and the name in the section <c>ConnectionStrings</c>.</param>
    /// <param name="configureSettings">Changes the settings after they were bound.</param>
    /// <param name="configureOptions">Changes the client library's options after the connection string was parsed.</param>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        builder.AddKeyedRedisClientBuilder(name, configureSettings, configureOptions);

    /// <inheritdoc cref="AddKeyedRedisClient"/>
    public static AspireRedisClientBuilder AddKeyedRedisClientBuilder(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, name, serviceKey: name, configureSettings, configureOptions);

    private static AspireRedisClientBuilder Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<StackExchangeRedisSettings>? configureSettings,
        Action<ConfigurationOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var section = builder.Configuration.GetSection(SectionName);
        var settings = new StackExchangeRedisSettings();
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        if (builder.Configuration.GetConnectionString(connectionName) is { Length: > 0 } connectionString)
            settings.ConnectionString = connectionString;
        configureSettings?.Invoke(settings);

        if (serviceKey is null)
            builder.Services.AddSingleton(Connect);
        else
            builder.Services.AddKeyedSingleton(serviceKey, (services, _) => Connect(services));

        if (!settings.DisableAutoActivation)
        {
            if (serviceKey is null)
                builder.Services.ActivateSingleton<IConnectionMultiplexer>();
            else
                builder.Services.ActivateKeyedSingleton<IConnectionMultiplexer>(serviceKey);
        }
        if (!settings.DisableTracing)
            builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource("StackExchange.Redis"));
        if (!settings.DisableHealthChecks)
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                serviceKey is null ? "StackExchange.Redis" : $"StackExchange.Redis_{connectionName}",
                services => new RedisHealthCheck(() => Resolve(services, serviceKey)),
                HealthStatus.Unhealthy,
                tags: null,
                timeout: TimeSpan.FromSeconds(3)));
        }
        return new AspireRedisClientBuilder(builder, settings, serviceKey);

        IConnectionMultiplexer Connect(IServiceProvider services) =>
            ConnectionMultiplexer.Connect(CreateOptions(services, section, connectionName, settings, configureOptions));
    }

    private static IConnectionMultiplexer Resolve(IServiceProvider services, string? serviceKey) =>
        serviceKey is null ? services.GetRequiredService<IConnectionMultiplexer>() : services.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey);

    private static ConfigurationOptions CreateOptions(
        IServiceProvider services,
        IConfigurationSection section,
        string connectionName,
        StackExchangeRedisSettings settings,
        Action<ConfigurationOptions>? configureOptions)
    {
        // Set before anything that can name it, so that a connection string or the configuration may still say otherwise.
        var options = string.IsNullOrEmpty(settings.ConnectionString)
            ? new ConfigurationOptions { AbortOnConnectFail = false }
            : ConfigurationOptions.Parse("abortConnect=false," + settings.ConnectionString);
        section.GetSection("ConfigurationOptions").Bind(options);
        section.GetSection($"{connectionName}:ConfigurationOptions").Bind(options);
        configureOptions?.Invoke(options);
        if (options.EndPoints.Count == 0)
        {
            throw new InvalidOperationException(
                $"Redis has no address. Set ConnectionStrings:{connectionName} (environment variable ConnectionStrings__{connectionName}), for example to localhost:6379,password=…");
        }
        options.LoggerFactory ??= services.GetService<ILoggerFactory>();
        return options;
    }
}
