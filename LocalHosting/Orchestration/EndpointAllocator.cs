using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Proxy;
using Microsoft.Extensions.Configuration;

namespace LocalHosting.Orchestration;

/// <summary>Gives endpoints their addresses, and replicas their own ports.</summary>
internal sealed class EndpointAllocator(IConfiguration configuration, ProxySet proxies)
{
    // Aspire's own setting, which its testing builder sets as well.
    private bool Randomize => configuration.GetValue("DcpPublisher:RandomizePorts", false);

    /// <summary>Opens the stable address of each endpoint of a resource.</summary>
    public void Allocate(IResource resource)
    {
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (!endpoint.IsProxied && Replicas(resource) > 1)
            {
                throw new DistributedApplicationException(
                    $"'{resource.Name}' has several replicas and the endpoint '{endpoint.Name}' without a proxy: they cannot share its port.");
            }

            var port = endpoint.IsProxied
                ? proxies.Open(resource, endpoint, Randomize ? null : endpoint.Port)
                : OwnPort(resource, endpoint, Randomize ? null : endpoint.Port ?? endpoint.TargetPort);
            endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "localhost", port);
        }
    }

    /// <summary>The ports on which one replica of a resource listens itself, by endpoint. They stay the same over its restarts.</summary>
    public static IReadOnlyDictionary<string, int> PortsOfReplica(IResource resource) => resource.Annotations.OfType<EndpointAnnotation>().ToDictionary(
        e => e.Name,
        e => !e.IsProxied ? e.AllocatedEndpoint!.Port : Replicas(resource) == 1 && e.TargetPort is { } fixedPort ? fixedPort : PortAllocator.Next());

    public static int Replicas(IResource resource) => resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;

    private static int OwnPort(IResource resource, EndpointAnnotation endpoint, int? given)
    {
        if (given is { } port && !PortAllocator.IsFree(port))
        {
            throw new DistributedApplicationException(
                $"Port {port} (the endpoint '{endpoint.Name}' of '{resource.Name}') is in use: stop the program that has it, or give the endpoint another port.");
        }

        return given ?? PortAllocator.Next();
    }
}
