using System.Net;
using System.Net.Sockets;

namespace Subtitles.Media;

/// <summary>Makes HTTP clients that connect only to addresses that a <see cref="SourceAddressGuard"/> allows.</summary>
public static class GuardedHttp
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A handler that resolves a name once, checks every address and connects to those very addresses: what a name points to a moment later
    /// does not matter. It follows no redirects (the caller checks each), takes no proxy from the environment, keeps no cookies.
    /// </summary>
    public static SocketsHttpHandler CreateHandler(SourceAddressGuard guard)
    {
        ArgumentNullException.ThrowIfNull(guard);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            // A proxy would resolve the name itself, and out of our sight.
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = ConnectTimeout,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = async (context, cancellationToken) =>
            {
                var addresses = await guard.ResolveAsync(context.DnsEndPoint.Host, cancellationToken);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
    }
}
