using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

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
    /// which nobody else would notice; no minimum data rate, since a stream is silent for long; and, where the connection is plain HTTP/1.1, streams that outlive their request and write straight to the socket.
    /// </summary>
    /// <remarks>
    /// Call it before endpoints are added in code, and leave <see cref="Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions.ConfigureEndpointDefaults"/> to it: on endpoints that miss it, streams are written through the response.
    /// To the host, such a stream's request is over when its headers are sent: it is logged and measured then, and does not count as active.
    /// </remarks>
    public static IWebHostBuilder UseEventStreamTransport(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(StreamHandover.Around));
        });
        return builder.UseSockets(sockets =>
        {
            sockets.Backlog = ListenBacklog;
            // With room for one byte, a flush ends only when the transport has given everything to the kernel. After it, writing to the socket beside the server keeps the order.
            sockets.MaxWriteBufferSize = 1;
            sockets.CreateBoundListenSocket = Listen;
        });
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
