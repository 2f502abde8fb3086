using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace EventStreams;

/// <summary>Registers the parts of an instance: under its key, or without one as any other service.</summary>
internal static class InstanceRegistration
{
    /// <summary>Whether a part is there already.</summary>
    public static bool Has<T>(this IServiceCollection services, string? key) =>
        services.Any(service => service.ServiceType == typeof(T) && Equals(service.ServiceKey, key));

    /// <summary>A part, once.</summary>
    public static void TryAddPart<T>(this IServiceCollection services, string? key)
        where T : class => services.TryAddPart<T, T>(key);

    /// <summary>A part, once, by what others know it by. Without a key it is registered as any other service is.</summary>
    public static void TryAddPart<TService, TPart>(this IServiceCollection services, string? key)
        where TService : class
        where TPart : class, TService =>
        services.TryAddKeyedSingleton<TService>(key, static (provider, key) => Create<TPart>(provider, key));

    /// <summary>What a part is known by as well.</summary>
    public static void TryAddAlias<TService, TPart>(this IServiceCollection services, string? key)
        where TService : class
        where TPart : class, TService =>
        services.TryAddKeyedSingleton<TService>(key, static (provider, key) => provider.GetRequiredKeyedService<TPart>(key));

    /// <summary>The options of that name as those of the instance.</summary>
    public static OptionsBuilder<T> AddPartOptions<T>(this IServiceCollection services, string? key)
        where T : class
    {
        if (key is not null)
        {
            services.TryAddKeyedSingleton(
                key,
                static (provider, key) => Options.Create(provider.GetRequiredService<IOptionsMonitor<T>>().Get((string)key!))
            );
        }
        return services.AddOptions<T>(key ?? Options.DefaultName);
    }

    /// <summary>A health check, whose name ends with the key.</summary>
    public static IHealthChecksBuilder AddPartCheck<T>(
        this IHealthChecksBuilder checks,
        string name,
        string? key,
        HealthStatus? failure = null
    )
        where T : class, IHealthCheck =>
        checks.Add(
            new HealthCheckRegistration(key is null ? name : $"{name}:{key}", provider => Create<T>(provider, key), failure, tags: null)
        );

    /// <summary>Makes a part.</summary>
    public static T Create<T>(IServiceProvider provider, object? key) =>
        ActivatorUtilities.CreateInstance<T>(InstanceServices.Of(provider, key));
}
