using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;

namespace EventStreams.Http;

/// <summary>Sets Kestrel up for thousands of long streams.</summary>
public static class EventStreamTransport
{
    private const int ListenBacklog = 4096;

    /// <summary>A longer queue of connections to accept, since reconnects come in crowds; and, where HTTP/1.1 goes to the socket as it is,
    /// streams that outlive their request and write straight to the socket.</summary>
    /// <remarks>
    /// Call it before endpoints are added in code, and leave <see
    /// cref="Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions.ConfigureEndpointDefaults"/> to it: on endpoints that miss it,
    /// streams are written through the response. To the host, such a stream's request is over when its headers are sent: it is logged and
    /// measured then, and does not count as active. Other answers keep the sockets that they had: only their writes wait for the kernel to
    /// take what was written before.
    /// </remarks>
    public static IWebHostBuilder UseEventStreamTransport(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(StreamHandover.Around));
        });
        return builder.UseSockets(sockets =>
        {
            sockets.Backlog = ListenBacklog;
            // With room for one byte, a flush ends only when the transport has given everything to the kernel. After it, writing to the
            // socket beside the server keeps the order.
            sockets.MaxWriteBufferSize = 1;
        });
    }
}
