using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace LocalHosting.Processes;

/// <summary>Finds free ports for processes that bind them a moment later.</summary>
internal static class PortAllocator
{
    // Below the range from which the systems take the ports of outgoing connections, for one of those could take a port between the
    // moment in which it is found free and the one in which it is bound.
    private const int First = 20_000;
    private const int Last = 32_700;

    // Shared by all apps of this process: those that run side by side must not find the same one.
    private static readonly ConcurrentDictionary<int, bool> Taken = new();

    /// <summary>A port that nothing listens on, and that is given out once only.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "Ports are spread, not kept secret.")]
    public static int Next()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            if (!Taken.ContainsKey(port) && IsFree(port) && Taken.TryAdd(port, true))
            {
                return port;
            }
        }

        throw new Aspire.Hosting.DistributedApplicationException($"There is no free port between {First} and {Last} on this machine.");
    }

    /// <summary>Whether nothing listens on a port of the loopback addresses.</summary>
    public static bool IsFree(int port) => CanBind(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanBind(IPAddress.IPv6Loopback, port));

    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException e)
        {
            // A machine can know of IPv6 and yet have no address in it.
            return e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported;
        }
    }
}
