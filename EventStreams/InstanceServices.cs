using Microsoft.Extensions.DependencyInjection;

namespace EventStreams;

/// <summary>Which of an app's instances of the library it is.</summary>
/// <param name="Value">The key of its services; null for the one that has none.</param>
internal sealed record InstanceKey(string? Value);

/// <summary>
/// The services as an instance with a key sees them: its own parts under that key, and everything else as the app has it. A part that the
/// instance lacks is missing: another instance's must not stand in for it.
/// </summary>
internal sealed class InstanceServices : IServiceProvider
{
    private readonly IServiceProvider _services;
    private readonly object _key;

    private InstanceServices(IServiceProvider services, object key) => (_services, _key) = (services, key);

    /// <summary>The services that an instance sees.</summary>
    public static IServiceProvider Of(IServiceProvider services, object? key) =>
        key is null ? services : new InstanceServices(services, key);

    /// <summary>Whether an instance has a service.</summary>
    public static bool Has(IServiceProvider services, string? key, Type service) =>
        services.GetRequiredService<IServiceProviderIsKeyedService>() is var known
        && (key is null ? known.IsService(service) : known.IsKeyedService(service, key));

    /// <summary>Ends the start of an app that maps what it has not added.</summary>
    /// <exception cref="InvalidOperationException">There is no such instance.</exception>
    public static void Demand(IServiceProvider services, string? key, Type service)
    {
        if (!Has(services, key, service))
        {
            throw new InvalidOperationException(
                key is null
                    ? "Call AddEventStreams before event streams are mapped."
                    : $"There are no event streams with the key '{key}'. Call AddEventStreams with that key before they are mapped."
            );
        }
    }

    public object? GetService(Type serviceType) =>
        ((IKeyedServiceProvider)_services).GetKeyedService(serviceType, _key)
        ?? (serviceType.Assembly == typeof(InstanceServices).Assembly ? null : _services.GetService(serviceType));
}
