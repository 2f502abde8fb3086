using System.Net;
using System.Net.Sockets;
using EventStreams.Fanout;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace EventStreams.Http;

/// <summary>Sets Kestrel up for thousands of long streams.</summary>
public static class EventStreamTransport
{
    private const int ListenBacklog = 4096;
    private const int SendBufferBytes = 32 * 1024;
    private const int TcpProtocol = 6;
    private const int TcpUserTimeout = 18;

    // How long sent bytes may go unacknowledged before the kernel gives the link up.
    private const int DeadLinkMilliseconds = 30_000;

    /// <summary>
    /// A longer queue of connections to accept, since reconnects come in crowds; a small send buffer, since a client that does not read would otherwise pin megabytes in the kernel; a limit for dead links,
    /// which nobody else would notice; no minimum data rate, since a stream is silent for long; and frames written straight to the socket where the connection is plain HTTP/1.1.
    /// </summary>
    public static IWebHostBuilder UseEventStreamTransport(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.AddServerHeader = false;
        });
        builder.UseSockets(sockets =>
        {
            sockets.Backlog = ListenBacklog;
            // With room for one byte, a flush ends only when the transport has given everything to the kernel. After it, writing to the socket beside the server keeps the order.
            sockets.MaxWriteBufferSize = 1;
            sockets.CreateBoundListenSocket = Listen;
        });
        return builder.ConfigureServices(services => services.AddSingleton<DirectSocketMarker>());
    }

    private static Socket Listen(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        if (socket.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            return socket;
        // Accepted sockets inherit both.
        socket.SendBufferSize = SendBufferBytes;
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption(TcpProtocol, TcpUserTimeout, BitConverter.GetBytes(DeadLinkMilliseconds));
        return socket;
    }
}
