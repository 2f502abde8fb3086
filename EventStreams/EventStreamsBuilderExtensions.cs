using EventStreams.Access;
using EventStreams.Bus;
using EventStreams.Fanout;
using EventStreams.Log;
using EventStreams.Presence;
using EventStreams.Publishing;
using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.AspNetCore.DataProtection.Infrastructure;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace EventStreams;

/// <summary>Adds the library to a host.</summary>
public static class EventStreamsBuilderExtensions
{
    /// <summary>Adds <see cref="IEventPublisher"/> and <see cref="IEventLog"/>: all that a service needs which publishes, and serves no streams.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">Names the connection string, which is a StackExchange.Redis configuration.</param>
    /// <param name="configure">Changes what the configuration section <c>EventStreams</c> says.</param>
    public static IHostApplicationBuilder AddEventPublisher(this IHostApplicationBuilder builder, string connectionName, Action<EventStreamsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<EventStreamsOptions>()
            .Bind(builder.Configuration.GetSection(EventStreamsOptions.SectionName))
            .Configure(options => configure?.Invoke(options))
            .PostConfigure<IConfiguration>((options, configuration) => options.ConnectionString ??= configuration.GetConnectionString(connectionName))
            .PostConfigure(options => options.ReplicaId ??= DefaultReplicaId(builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"]))
            .ValidateDataAnnotations()
            .Validate(options => options.MinRetry <= options.MaxRetry, "EventStreams:MinRetry must not be above EventStreams:MaxRetry.")
            .Validate(
                options => options.ReservedTopicPrefixes.All(prefix => Topic.TryParse(prefix, out _)),
                "EventStreams:ReservedTopicPrefixes must be beginnings of topic names.")
            .Validate(
                options => options.Retention.All(rule => rule.IsValid),
                "EventStreams:Retention is a list; each entry has a Pattern, a topic's name in which '*' stands for any characters, and a Length of 1 to 10,000,000, Bytes of 0 or more, or a TimeToLive of a second or more.")
            .Validate(
                RedisConfiguration.IsGiven,
                $"There is no connection string '{connectionName}'; set ConnectionStrings__{connectionName} to the address of a Redis, for example localhost:6379.")
            .Validate(RedisConfiguration.IsValid, $"The connection string '{connectionName}' is no configuration of StackExchange.Redis, such as localhost:6379,password=secret.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<EventStreamsMetrics>();
        services.TryAddSingleton<RedisConnections>();
        services.TryAddSingleton<RedisScriptRunner>();
        services.TryAddSingleton<IEventLog, RedisEventLog>();
        services.TryAddSingleton<IEventPublisher, RedisEventPublisher>();
        services.AddOptions<StreamAccessOptions>()
            .BindConfiguration(StreamAccessOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<RevocationLog>();
        services.TryAddSingleton<IEventStreamControl>(provider => provider.GetRequiredService<RevocationLog>());
        services.TryAddSingleton<PresenceLog>();
        services.TryAddSingleton<IStreamPresence>(provider => provider.GetRequiredService<PresenceLog>());
        return builder;
    }

    /// <summary>Adds what <see cref="AddEventPublisher"/> adds and, for a service that answers with <see cref="Http.EventStreamResult"/>, the fan-out to its streams and two health checks: <c>event-streams</c> is unhealthy while the replica drains,
    /// <c>event-streams-redis</c> degraded while Redis does not answer.</summary>
    /// <inheritdoc cref="AddEventPublisher" path="/param"/>
    public static IHostApplicationBuilder AddEventStreams(this IHostApplicationBuilder builder, string connectionName, Action<EventStreamsOptions>? configure = null)
    {
        builder.AddEventPublisher(connectionName, configure);
        // Health checks of one name twice would end the start.
        if (builder.Services.All(service => service.ServiceType != typeof(EventStreamHub)))
        {
            // While Redis is away a replica keeps its streams, and must not be taken from its balancer: with all of its peers it would be the same.
            builder.Services.AddHealthChecks()
                .AddCheck<DrainingHealthCheck>("event-streams")
                .AddCheck<RedisHealthCheck>("event-streams-redis", HealthStatus.Degraded);
        }
        builder.Services.TryAddSingleton<RedisEventBus>();
        builder.Services.TryAddSingleton<RedisClock>();
        builder.Services.TryAddSingleton<Revocations>();
        builder.Services.TryAddSingleton<Http.StreamAccess>();
        builder.Services.TryAddSingleton<PresenceBoard>();
        builder.Services.TryAddSingleton<PresenceWatch>();
        builder.Services.TryAddSingleton<EventStreamHub>();
        builder.Services.TryAddSingleton<StreamAdmission>();
        builder.Services.TryAddSingleton<IEventStreamHub>(provider => provider.GetRequiredService<EventStreamHub>());
        builder.Services.AddHostedService<StreamHousekeeping>();
        return builder;
    }

    /// <summary>
    /// Adds <see cref="IStreamTickets"/>, after <see cref="AddEventStreams"/>: signed by ASP.NET Data Protection, whose keys are kept in
    /// Redis unless the app keeps them elsewhere, so that every replica takes the tickets of all. The keys lie there as they are: whoever
    /// can read that Redis can make tickets; <c>ProtectKeysWithCertificate</c> and the like work as ever. Apps that shall take each other's
    /// tickets call <c>AddDataProtection().SetApplicationName</c> with the same name.
    /// </summary>
    public static IHostApplicationBuilder AddStreamTickets(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(StreamTickets)))
            return builder;
        services.AddDataProtection();
        services.Replace(ServiceDescriptor.Singleton<IApplicationDiscriminator, ApplicationNameDiscriminator>());
        services.TryAddSingleton<ProtectionKeyRepository>();
        services.AddOptions<KeyManagementOptions>()
            .PostConfigure<ProtectionKeyRepository>(static (keys, inRedis) => keys.XmlRepository ??= inRedis);
        services.AddSingleton<StreamTickets>();
        services.AddSingleton<IStreamTickets>(provider => provider.GetRequiredService<StreamTickets>());
        TicketRedaction.AddTo(services);
        return builder;
    }

    private static string DefaultReplicaId(string? resourceAttributes)
    {
        const string InstanceId = "service.instance.id=";
        foreach (var attribute in (resourceAttributes ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (attribute.StartsWith(InstanceId, StringComparison.Ordinal))
                return attribute[InstanceId.Length..];
        }
        return $"{Environment.MachineName}-{Environment.ProcessId}";
    }
}
