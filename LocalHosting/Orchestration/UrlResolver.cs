using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LocalHosting.Orchestration;

/// <summary>Works out the addresses that are shown for a resource.</summary>
internal sealed class UrlResolver(DistributedApplicationExecutionContext context)
{
    /// <summary>The resource's stable addresses, as the app model shows them, and the replica's own behind them.</summary>
    public async Task<ImmutableArray<UrlSnapshot>> ForReplicaAsync(Replica replica)
    {
        var urls = await ForResourceAsync(replica.Resource).ConfigureAwait(false);
        var own = replica.Resource.Annotations.OfType<EndpointAnnotation>().Where(e => e.IsProxied).Select(e => new UrlSnapshot(
            $"{e.Name} target port", string.Create(CultureInfo.InvariantCulture, $"{e.UriScheme}://localhost:{replica.Ports[e.Name]}"), IsInternal: true));
        return [.. urls, .. own];
    }

    private async Task<ImmutableArray<UrlSnapshot>> ForResourceAsync(IResource resource)
    {
        var urls = resource is not IResourceWithEndpoints owner ? [] : resource.Annotations.OfType<EndpointAnnotation>()
            .Select(e => new ResourceUrlAnnotation { Url = e.AllocatedEndpoint!.UriString, Endpoint = new EndpointReference(owner, e.Name) })
            .ToList();
        var callback = new ResourceUrlsCallbackContext(context, resource, urls);
        foreach (var annotation in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
        {
            await annotation.Callback(callback).ConfigureAwait(false);
        }

        // A path alone is relative to the endpoint.
        return [.. urls.OrderByDescending(u => u.DisplayOrder ?? 0).Select(u => new UrlSnapshot(
            u.Endpoint?.EndpointName,
            u.Url.StartsWith('/') && u.Endpoint is { } e ? e.Url + u.Url : u.Url,
            IsInternal: u.DisplayLocation == UrlDisplayLocation.DetailsOnly)
        {
            DisplayProperties = new(u.DisplayText ?? "", u.DisplayOrder ?? 0),
        })];
    }
}
