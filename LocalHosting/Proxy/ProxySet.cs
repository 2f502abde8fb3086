using System.Collections.Concurrent;
using System.Net;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace LocalHosting.Proxy;

/// <summary>The proxies of all endpoints.</summary>
internal sealed class ProxySet(ILogger<TcpProxy> logger) : IAsyncDisposable
{
    /// <summary>How long a connection is held while no replica is ready.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(string Resource, string Endpoint), ReplicaPool> _pools = new();
    private readonly ConcurrentBag<TcpProxy> _proxies = [];

    /// <summary>Opens the proxy of an endpoint and returns its port.</summary>
    public int Open(IResource resource, EndpointAnnotation endpoint, int? port)
    {
        var pool = _pools.GetOrAdd((resource.Name, endpoint.Name), _ => new());
        var proxy = TcpProxy.Start($"the endpoint '{endpoint.Name}' of '{resource.Name}'", port, pool, Patience, logger);
        _proxies.Add(proxy);
        return proxy.Port;
    }

    /// <summary>Says whether a replica takes connections.</summary>
    public void SetReady(IResource resource, string replica, IReadOnlyDictionary<string, int> ports, bool isReady)
    {
        foreach (var (endpoint, port) in ports)
        {
            if (!_pools.TryGetValue((resource.Name, endpoint), out var pool))
            {
                continue;
            }

            if (isReady)
            {
                pool.Add(replica, new IPEndPoint(IPAddress.Loopback, port));
            }
            else
            {
                pool.Remove(replica);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync().ConfigureAwait(false);
        }
    }
}
