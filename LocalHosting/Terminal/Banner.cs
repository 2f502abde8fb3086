using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LocalHosting.Terminal;

/// <summary>What the host says of itself.</summary>
internal static class Banner
{
    /// <summary>Which hosting this is, why, and how to switch.</summary>
    public static string Text(Assembly? appHost)
    {
        var reason = appHost?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(m => m.Key == "AspireHostingReason")?.Value;
        return $"Local hosting: plain processes on this machine{(reason is null ? "" : $", because {reason}")}. "
            + "For .NET Aspire itself: dotnet run --project AppHost -p:AspireHosting=Aspire";
    }

    /// <summary>The address to begin with: the first external endpoint of a resource that no other one calls.</summary>
    public static string? Entrance(IResourceCollection resources)
    {
        var called = resources.SelectMany(r => r.Annotations.OfType<ResourceRelationshipAnnotation>())
            .Where(r => r.Type == "Reference").Select(r => r.Resource).ToHashSet();
        return resources.Where(r => !called.Contains(r))
            .SelectMany(r => r.Annotations.OfType<EndpointAnnotation>())
            .FirstOrDefault(e => e.IsExternal)?.AllocatedEndpoint?.UriString;
    }
}
