using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Faults;

/// <summary>
/// Stands before a server, and loses some of its answers: the request gets there and is carried out, and whoever sent it sees a broken
/// connection. For clients with a connection for each request.
/// </summary>
internal sealed class ForgetfulLink : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly int _every;
    private int _accepted;

    /// <param name="target">The server's port.</param>
    /// <param name="every">Of so many answers one is lost.</param>
    public ForgetfulLink(int target, int every)
    {
        (_target, _every) = (target, every);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(), isForgotten: ++_accepted % _every == 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The link is closed.
        }
    }

    private async Task ServeAsync(Socket client, bool isForgotten)
    {
        using (client)
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target);
                _ = CopyAsync(client, server, isOnce: false, isDropped: false);
                await CopyAsync(server, client, isOnce: isForgotten, isDropped: isForgotten);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // One end broke; the other follows.
            }
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, bool isOnce, bool isDropped)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            do
            {
                var read = await from.ReceiveAsync(buffer);
                if (read == 0)
                    return;
                for (var sent = 0; sent < read && !isDropped; )
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            } while (!isOnce);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As above.
        }
    }
}
