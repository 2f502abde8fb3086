using EventStreams.Bus;
using EventStreams.Fanout;
using EventStreams.Log;
using EventStreams.Publishing;
using EventStreams.Redis;
using EventStreams.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
            .PostConfigure(options => options.ReplicaId ??= DefaultReplicaId(builder.Configuration["OTEL_RESOURCE_ATTRIBUTES"]))
            .ValidateDataAnnotations()
            .Validate(options => options.MinRetry <= options.MaxRetry, "EventStreams:MinRetry must not be above EventStreams:MaxRetry.")
            .Validate(
                options => options.ReservedTopicPrefixes.All(prefix => Topic.TryParse(prefix, out _)),
                "EventStreams:ReservedTopicPrefixes must be beginnings of topic names.")
            .ValidateOnStart();
        services.TryAddSingleton(provider => new RedisEndpoint(
            provider.GetRequiredService<IConfiguration>().GetConnectionString(connectionName)
            ?? throw new InvalidOperationException($"There is no connection string '{connectionName}'; set ConnectionStrings__{connectionName} to the address of a Redis, for example localhost:6379.")));
        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddSingleton<EventStreamsMetrics>();
        services.TryAddSingleton<RedisConnections>();
        services.TryAddSingleton<RedisScriptRunner>();
        services.TryAddSingleton<IEventLog, RedisEventLog>();
        services.TryAddSingleton<IEventPublisher, RedisEventPublisher>();
        return builder;
    }

    /// <summary>Adds what <see cref="AddEventPublisher"/> adds and, for a service that answers with <see cref="Http.EventStreamResult"/>, the fan-out to its streams and a health check that tells of a drain.</summary>
    /// <inheritdoc cref="AddEventPublisher" path="/param"/>
    public static IHostApplicationBuilder AddEventStreams(this IHostApplicationBuilder builder, string connectionName, Action<EventStreamsOptions>? configure = null)
    {
        builder.AddEventPublisher(connectionName, configure);
        // Health checks of one name twice would end the start.
        if (builder.Services.All(service => service.ServiceType != typeof(EventStreamHub)))
            builder.Services.AddHealthChecks().AddCheck<DrainingHealthCheck>("event-streams");
        builder.Services.TryAddSingleton<RedisEventBus>();
        builder.Services.TryAddSingleton<EventStreamHub>();
        builder.Services.TryAddSingleton<StreamAdmission>();
        builder.Services.TryAddSingleton<IEventStreamHub>(provider => provider.GetRequiredService<EventStreamHub>());
        builder.Services.AddHostedService<StreamHousekeeping>();
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
