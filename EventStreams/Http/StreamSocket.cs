using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventStreams.Http;

/// <summary>Sets the connection of one stream up for a long life. Connections that carry no stream keep the system's own settings, which a
/// download needs.</summary>
internal static class StreamSocket
{
    // A client that does not read would otherwise pin megabytes in the kernel.
    private const int UnsentBytes = 32 * 1024;
    private const int TcpProtocol = 6;
    private const int TcpUserTimeout = 18;
    private const int TcpNotSentLowWaterMark = 25;

    // How long sent bytes may go unacknowledged before the kernel gives the link up, which nobody else would notice.
    private const int DeadLinkMilliseconds = 30_000;

    /// <summary>
    /// Prepares the connection that a stream is about to begin on. Over HTTP/1.1 it is the stream's alone and is closed behind it, as its
    /// settings suit nothing else by then; so the client's next attempt may find another replica. Over HTTP/2 other requests share it:
    /// there it only notices a dead link, and the server's minimum data rate holds for it.
    /// </summary>
    public static void Prepare(HttpContext context)
    {
        var isOwn = HttpProtocol.IsHttp11(context.Request.Protocol);
        if (isOwn)
        {
            context.Response.Headers.Connection = "close";
            // How long a client may take none of its bytes is for EventStreamsOptions.SlowClientTimeout to say.
            if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
                rate.MinDataRate = null;
        }
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
            return;
        if (socket.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            return;
        try
        {
            if (OperatingSystem.IsLinux())
                PrepareOnLinux(socket, isOwn);
            else if (isOwn)
                socket.SendBufferSize = UnsentBytes;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client has gone; the first write finds out.
        }
    }

    private static void PrepareOnLinux(Socket socket, bool isOwn)
    {
        socket.SetRawSocketOption(TcpProtocol, TcpUserTimeout, BitConverter.GetBytes(DeadLinkMilliseconds));
        // A bound on what is not sent yet leaves the window to the network: with a small buffer, a client on the same machine, such as a
        // proxy, would get one segment for each of its delayed acknowledgements.
        if (isOwn)
            socket.SetRawSocketOption(TcpProtocol, TcpNotSentLowWaterMark, BitConverter.GetBytes(UnsentBytes));
    }
}
