using System.Net;
using System.Net.Sockets;

namespace Tests.Clients;

/// <summary>Stands before a server as a bad network does: it passes bytes on, and breaks connections wherever they are.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _links = [];
    private readonly int _target;
    private volatile Random? _cuts;
    private int _broken;

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start(512);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that were broken at random so far.</summary>
    public int Broken => Volatile.Read(ref _broken);

    /// <summary>From now on every connection is broken after so many bytes as the numbers say, in the middle of whatever it is; null for
    /// none.</summary>
    public void CutAtRandom(Random? numbers)
    {
        _cuts = numbers;
        if (numbers is null)
            return;
        // Those that are open have no limit of their own yet.
        lock (_gate)
        {
            foreach (var link in _links)
                link.Close(timeout: 0);
            _links.Clear();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        CutAtRandom(new Random(1));
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The proxy is closed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        var limit = _cuts is { } cuts ? Next(cuts) : int.MaxValue;
        lock (_gate)
            _links.Add(client);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(CopyAsync(client, server, int.MaxValue), CopyAsync(server, client, limit));
            if (limit != int.MaxValue)
                Interlocked.Increment(ref _broken);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server is away; the client is told by the close.
        }
        lock (_gate)
            _links.Remove(client);
        client.Close(timeout: 0);
    }

    private static int Next(Random numbers)
    {
        lock (numbers)
            return numbers.Next(400, 6000);
    }

    private static async Task CopyAsync(Socket from, Socket to, int limit)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            while (limit > 0)
            {
                var read = await from.ReceiveAsync(buffer.AsMemory(0, Math.Min(buffer.Length, limit)));
                if (read == 0)
                    return;
                limit -= read;
                for (var sent = 0; sent < read; )
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One end broke; the other follows.
        }
    }
}
