using System.Net;
using System.Net.Sockets;

namespace Tests.Fixtures;

/// <summary>The way to a server: what goes through it goes to that server, until it is cut, and again when it is mended.</summary>
internal sealed class RedisLink : IAsyncDisposable
{
    private readonly int _target;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = [];
    private readonly Task _accepting;
    private bool _isCut;

    public RedisLink(RedisServer server)
    {
        _target = server.Port;
        _listener.Start();
        ConnectionString = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port},password={server.Password}";
        _accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    public void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
            _sockets.ForEach(static socket => socket.Close(timeout: 0));
            _sockets.Clear();
        }
    }

    public void Mend()
    {
        lock (_gate)
            _isCut = false;
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                lock (_gate)
                {
                    if (_isCut)
                    {
                        client.Close(timeout: 0);
                        continue;
                    }
                    _sockets.AddRange([client, server]);
                }
                _ = ServeAsync(client, server);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The listener was stopped.
        }
    }

    private async Task ServeAsync(Socket client, Socket server)
    {
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut before it was there.
        }
        client.Close(timeout: 0);
        server.Close(timeout: 0);
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer)) > 0)
            {
                for (var sent = 0; sent < read; )
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side has gone, or the link was cut.
        }
    }
}
