using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.ServiceDiscovery;

namespace Web.Forwarding;

/// <summary>Opens connections to the <c>api</c> service wherever service discovery finds it.</summary>
internal sealed class ApiEndpoints(ServiceEndpointResolver resolver)
{
    /// <summary>The service as service discovery knows it.</summary>
    public const string Service = "http://api";

    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A handler whose every request has a connection of its own. The balancer in front of the replicas works on connections: one that is
    /// kept and used again would hold all that follows to the replica that it reached first.
    /// </summary>
    /// <param name="connected">Told of every connection.</param>
    public SocketsHttpHandler CreateHandler(Action<NetworkStream>? connected = null) =>
        new()
        {
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = await ConnectAsync(cancellationToken);
                connected?.Invoke(connection);
                return connection;
            },
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
        };

    /// <summary>
    /// Connects to one of the service's endpoints, chosen at random so that connections spread, and tries the others when the dial fails.
    /// Nothing has been sent by then, so that this is safe for every request.
    /// </summary>
    /// <exception cref="HttpRequestException">No endpoint is known, or none answers.</exception>
    private async ValueTask<NetworkStream> ConnectAsync(CancellationToken cancellationToken)
    {
        var source = await resolver.GetEndpointsAsync(Service, cancellationToken);
        var endpoints = source.Endpoints.Select(endpoint => endpoint.EndPoint).ToArray();
        Random.Shared.Shuffle(endpoints);
        Exception? failure = null;
        foreach (var endpoint in endpoints)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(DialTimeout);
            try
            {
                return await DialAsync(endpoint, limit.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                failure = e;
            }
        }
        throw new HttpRequestException(
            HttpRequestError.ConnectionError,
            endpoints.Length == 0
                ? "No address of the service 'api' is known: start the page through AppHost, or set services__api__http__0."
                : $"The service 'api' answers at none of {string.Join(", ", endpoints.Select(endpoint => endpoint.ToString()))}.",
            failure
        );
    }

    private static async Task<NetworkStream> DialAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        // Discovery may name a host by a URI that carries no port of its own; HTTP's is meant then.
        var (host, port) = endpoint switch
        {
            UriEndPoint uri => (uri.Uri.Host, uri.Uri.Port),
            DnsEndPoint dns => (dns.Host, dns.Port == 0 ? 80 : dns.Port),
            IPEndPoint ip => (ip.Address.ToString(), ip.Port == 0 ? 80 : ip.Port),
            _ => throw new NotSupportedException($"An endpoint of kind {endpoint.GetType().Name} cannot be dialled: {endpoint}."),
        };
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // An idle stream gets a heartbeat every 15 s; a replica whose machine vanished sends none and would hold the browser's stream
            // forever.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(host, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
