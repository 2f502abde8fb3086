using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Gives the resource another's connection string, as <c>ConnectionStrings__NAME</c>, and its parts, as <c>NAME_HOST</c> and so on.</summary>
    /// <param name="connectionName">The name that the client asks for; by default the resource's own.</param>
    /// <param name="optional">Whether the resource starts without the connection string where it has no value.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.WithRelationship(resource, "Reference").WithEnvironment(async context =>
        {
            var value = await resource.GetConnectionStringAsync(context.CancellationToken).ConfigureAwait(false);
            if (string.IsNullOrEmpty(value))
            {
                if (optional)
                {
                    return;
                }

                throw new DistributedApplicationException($"The connection string '{resource.Name}' that '{context.Resource.Name}' needs has no value.");
            }

            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] = value;
            foreach (var (key, property) in resource.GetConnectionProperties())
            {
                var prefix = ResourceNames.ForEnvironment(name).ToUpperInvariant();
                context.EnvironmentVariables[$"{prefix}_{key.ToUpperInvariant()}"] = property;
            }
        });
    }

    /// <summary>
    /// Tells the resource where another's endpoints are: <c>services__NAME__SCHEME__0</c> for service discovery and <c>NAME_ENDPOINT</c>
    /// for clients that have none. The address is the stable one in front of all replicas.
    /// </summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => Refer(builder, source.Resource, null, source.Resource.Name);

    /// <inheritdoc cref="WithReference{TDestination}(IResourceBuilder{TDestination}, IResourceBuilder{IResourceWithServiceDiscovery})"/>
    /// <param name="name">The name under which the resource finds the other.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment => Refer(builder, source.Resource, null, name);

    /// <summary>Tells the resource where one endpoint of another is.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment =>
        Refer(builder, endpointReference.Resource, endpointReference.EndpointName, endpointReference.Resource.Name);

    /// <summary>Tells the resource where a service outside the app is.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(uri);
        return uri.IsAbsoluteUri
            ? builder.WithEnvironment($"services__{name}__default__0", uri.ToString())
            : throw new InvalidOperationException($"The address '{uri}' of the service '{name}' has to be an absolute one.");
    }

    /// <summary>Shows that two resources belong together; changes nothing else.</summary>
    public static IResourceBuilder<T> WithRelationship<T>(this IResourceBuilder<T> builder, IResource resource, string type)
        where T : IResource => builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, type));

    /// <summary>Shows the resource under another; changes nothing else.</summary>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent)
        where T : IResource => builder.WithRelationship(parent.Resource, "Parent");

    /// <inheritdoc cref="WithParentRelationship{T}(IResourceBuilder{T}, IResourceBuilder{IResource})"/>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResource parent)
        where T : IResource => builder.WithRelationship(parent, "Parent");

    private static IResourceBuilder<TDestination> Refer<TDestination>(
        IResourceBuilder<TDestination> builder, IResourceWithEndpoints source, string? only, string serviceName)
        where TDestination : IResourceWithEnvironment => builder.WithRelationship(source, "Reference").WithEnvironment(context =>
        {
            var numbers = new Dictionary<string, int>();
            foreach (var endpoint in source.Annotations.OfType<EndpointAnnotation>())
            {
                if (only is not null && !ResourceNames.Comparer.Equals(endpoint.Name, only))
                {
                    continue;
                }

                var reference = new EndpointReference(source, endpoint.Name);
                var service = ResourceNames.ForEnvironment(serviceName).ToUpperInvariant();
                context.EnvironmentVariables[$"{service}_{ResourceNames.ForEnvironment(endpoint.Name).ToUpperInvariant()}"] = reference;

                // Named endpoints are found as _name.service; an endpoint that bears its scheme's name is the default of that scheme.
                var number = numbers[endpoint.Name] = numbers.GetValueOrDefault(endpoint.Name, -1) + 1;
                context.EnvironmentVariables[$"services__{serviceName}__{endpoint.Name}__{number.ToString(CultureInfo.InvariantCulture)}"] = reference;
            }
        });
}
