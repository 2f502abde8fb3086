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
/// <remarks>
/// An app may have several instances, which know nothing of each other: each of these calls, and of those that map endpoints, takes a key.
/// The services of an instance with a key are keyed services, and its settings those of the section <c>EventStreams:Instances:KEY</c>, in
/// code the options of that name; it inherits nothing. A keyed <see cref="IStreamAuthorizer"/> is asked in place of the one without a key.
/// Two instances with the same Redis, database and key prefix are refused when the app starts.
/// </remarks>
public static class EventStreamsBuilderExtensions
{
    /// <summary>Adds <see cref="IEventPublisher"/> and <see cref="IEventLog"/>: all that a service needs which publishes, and serves no
    /// streams.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="connectionName">Names the connection string, which is a StackExchange.Redis configuration.</param>
    /// <param name="configure">Changes what the configuration section <c>EventStreams</c> says.</param>
    /// <param name="key">The key of the instance, where the app has several.</param>
    public static IHostApplicationBuilder AddEventPublisher(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<EventStreamsOptions>? configure = null,
        string? key = null
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (key is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(key);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<InstancePlaces>();
        services.AddMetrics();
        AddOptions(builder, connectionName, configure, key);
        services.TryAddKeyedSingleton(key, new InstanceKey(key));
        services.TryAddPart<EventStreamsMetrics>(key);
        services.TryAddPart<RedisConnections>(key);
        services.TryAddPart<RedisScriptRunner>(key);
        services.TryAddPart<IEventLog, RedisEventLog>(key);
        services.TryAddPart<IEventPublisher, RedisEventPublisher>(key);
        services.TryAddPart<RevocationLog>(key);
        services.TryAddAlias<IEventStreamControl, RevocationLog>(key);
        services.TryAddPart<PresenceLog>(key);
        services.TryAddAlias<IStreamPresence, PresenceLog>(key);
        return builder;
    }

    /// <summary>Adds what <see cref="AddEventPublisher"/> adds and, for a service that answers with <see cref="Http.EventStreamResult"/>,
    /// the fan-out to its streams and two health checks: <c>event-streams</c> is unhealthy while the replica drains,
    /// <c>event-streams-redis</c> degraded while Redis does not answer. The names of those of an instance with a key end with
    /// <c>:KEY</c>.</summary>
    /// <inheritdoc cref="AddEventPublisher" path="/param"/>
    public static IHostApplicationBuilder AddEventStreams(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<EventStreamsOptions>? configure = null,
        string? key = null
    )
    {
        builder.AddEventPublisher(connectionName, configure, key);
        var services = builder.Services;
        // Health checks of one name twice would end the start.
        if (services.Has<EventStreamHub>(key))
            return builder;
        // While Redis is away a replica keeps its streams, and must not be taken from its balancer: with all of its peers it would be the
        // same.
        services
            .AddHealthChecks()
            .AddPartCheck<DrainingHealthCheck>("event-streams", key)
            .AddPartCheck<RedisHealthCheck>("event-streams-redis", key, HealthStatus.Degraded);
        services.TryAddPart<RedisEventBus>(key);
        services.TryAddPart<RedisClock>(key);
        services.TryAddPart<Revocations>(key);
        services.TryAddPart<Http.StreamAccess>(key);
        services.TryAddPart<PresenceBoard>(key);
        services.TryAddPart<PresenceWatch>(key);
        services.TryAddPart<EventStreamHub>(key);
        services.TryAddPart<StreamAdmission>(key);
        services.TryAddAlias<IEventStreamHub, EventStreamHub>(key);
        services.AddSingleton<IHostedService>(provider => InstanceRegistration.Create<StreamMaintenance>(provider, key));
        return builder;
    }

    /// <summary>
    /// Adds <see cref="IStreamTickets"/>, after <see cref="AddEventStreams"/>: signed by ASP.NET Data Protection, whose keys are kept in
    /// Redis (that of the first instance which gets tickets) unless the app keeps them elsewhere, so that every replica takes the tickets
    /// of all. The keys lie there as they are: whoever can read that Redis can make tickets; <c>ProtectKeysWithCertificate</c> and the like
    /// work as ever. Apps that shall take each other's tickets call <c>AddDataProtection().SetApplicationName</c> with the same name. An
    /// instance takes only its own.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="key">The key of the instance, where the app has several.</param>
    public static IHostApplicationBuilder AddStreamTickets(this IHostApplicationBuilder builder, string? key = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        if (!services.Has<ProtectionKeyRepository>(null))
        {
            services.AddDataProtection();
            services.Replace(ServiceDescriptor.Singleton<IApplicationDiscriminator, ApplicationNameDiscriminator>());
            services.AddSingleton(provider => InstanceRegistration.Create<ProtectionKeyRepository>(provider, key));
            services
                .AddOptions<KeyManagementOptions>()
                .PostConfigure<ProtectionKeyRepository>(static (keys, inRedis) => keys.XmlRepository ??= inRedis);
            TicketRedaction.AddTo(services);
        }
        services.TryAddPart<StreamTickets>(key);
        services.TryAddAlias<IStreamTickets, StreamTickets>(key);
        return builder;
    }

    private static void AddOptions(
        IHostApplicationBuilder builder,
        string connectionName,
        Action<EventStreamsOptions>? configure,
        string? key
    )
    {
        var section = key is null ? EventStreamsOptions.SectionName : EventStreamsOptions.InstancesSectionName + ":" + key;
        builder
            .Services.AddPartOptions<EventStreamsOptions>(key)
            .Bind(builder.Configuration.GetSection(section))
            .Configure(options => configure?.Invoke(options))
            .PostConfigure<IConfiguration>(
                (options, configuration) => options.ConnectionString ??= configuration.GetConnectionString(connectionName)
            )
            .PostConfigure(options => options.ReplicaId ??= DefaultReplicaId(builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"]))
            .ValidateDataAnnotations()
            .Validate(options => options.MinRetry <= options.MaxRetry, $"{section}:MinRetry must not be above {section}:MaxRetry.")
            .Validate(
                options => options.ReservedTopicPrefixes.All(prefix => Topic.TryParse(prefix, out _)),
                $"{section}:ReservedTopicPrefixes must be beginnings of topic names."
            )
            .Validate(
                options => options.Retention.All(rule => rule.IsValid),
                $"{section}:Retention is a list; each entry has a Pattern, a topic's name in which '*' stands for any characters, "
                    + "and a Length of 1 to 10,000,000, Bytes of 0 or more, or a TimeToLive of a second or more."
            )
            .Validate(
                static options => options.Durability != Durability.Replicated || options.ConfirmationTimeout < options.RedisTimeout,
                $"{section}:ConfirmationTimeout must be shorter than {section}:RedisTimeout."
            )
            .Validate(
                RedisConfiguration.IsGiven,
                $"There is no connection string '{connectionName}'; "
                    + $"set ConnectionStrings__{connectionName} to the address of a Redis, for example localhost:6379."
            )
            .Validate(
                RedisConfiguration.IsValid,
                $"The connection string '{connectionName}' is no configuration of StackExchange.Redis, "
                    + "such as localhost:6379,password=secret."
            )
            .Validate<InstancePlaces>(
                (options, places) => places.Take(key, options),
                "Two instances of event streams have the same Redis, database and key prefix, so that their topics would mix. "
                    + $"Set {section}:KeyPrefix."
            )
            .ValidateOnStart();
        builder
            .Services.AddPartOptions<StreamAccessOptions>(key)
            .BindConfiguration(section + ":Access")
            .ValidateDataAnnotations()
            .ValidateOnStart();
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
