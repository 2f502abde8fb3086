using System.Net;
using System.Net.Sockets;

namespace Tests.Fixtures;

/// <summary>What a balancer does, without one: every connection of its client goes to the next of the replicas that are there at the
/// moment. It can break connections as a network does.</summary>
internal sealed class ReplicaRouter : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Replica> _replicas = [];
    private readonly List<Socket> _links = [];
    private int _next;

    public ReplicaRouter() =>
        Client = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync })
        {
            BaseAddress = new Uri("http://replicas"),
            Timeout = Timeout.InfiniteTimeSpan,
        };

    public HttpClient Client { get; }

    public void Add(Replica replica)
    {
        lock (_gate)
            _replicas.Add(replica);
    }

    /// <summary>No new connection goes there; those that exist stay.</summary>
    public void Remove(Replica replica)
    {
        lock (_gate)
            _replicas.Remove(replica);
    }

    /// <summary>Breaks every connection where it is, with whatever was under way.</summary>
    public int CutAll()
    {
        List<Socket> links;
        lock (_gate)
        {
            links = [.. _links];
            _links.Clear();
        }
        foreach (var link in links)
            link.Close(timeout: 0);
        return links.Count;
    }

    public void Dispose() => Client.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        int port;
        lock (_gate)
            port =
                _replicas.Count > 0
                    ? _replicas[_next++ % _replicas.Count].Client.BaseAddress!.Port
                    : throw new SocketException((int)SocketError.ConnectionRefused);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        lock (_gate)
            _links.Add(socket);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
