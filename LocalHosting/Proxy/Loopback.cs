using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;

namespace LocalHosting.Proxy;

/// <summary>Listening on this machine alone.</summary>
internal static class Loopback
{
    // Ten thousand clients that reconnect at once wait here; the system caps it.
    private const int Backlog = 4096;

    /// <summary>Listens on 127.0.0.1 and, where there is one, on ::1, on the same port, as a client may try either for "localhost".</summary>
    /// <param name="port">Null for a free one.</param>
    /// <param name="what">What the port is for, for the message.</param>
    /// <exception cref="DistributedApplicationException">The port is taken.</exception>
    public static List<Socket> Listen(int? port, string what)
    {
        for (var attempt = 1; ; attempt++)
        {
            var sockets = new List<Socket>();
            try
            {
                sockets.Add(Bind(IPAddress.Loopback, port ?? 0));
                var chosen = ((IPEndPoint)sockets[0].LocalEndPoint!).Port;
                if (Socket.OSSupportsIPv6 && TryBindIPv6(chosen) is { } second)
                {
                    sockets.Add(second);
                }

                sockets.ForEach(s => s.Listen(Backlog));
                return sockets;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                sockets.ForEach(s => s.Dispose());
                if (port is null && attempt < 20)
                {
                    // Free in the one address family, taken in the other.
                    continue;
                }

                throw new DistributedApplicationException(
                    $"Port {port} ({what}) is {(e.SocketErrorCode == SocketError.AccessDenied ? "not allowed to this user" : "in use")}: stop the program that has it, perhaps another run of this app, or change the port in the launch settings.", e);
            }
        }
    }

    private static Socket Bind(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket? TryBindIPv6(int port)
    {
        try
        {
            return Bind(IPAddress.IPv6Loopback, port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
        {
            return null;
        }
    }
}
