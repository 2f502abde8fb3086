using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalHosting.Proxy;

/// <summary>
/// The stable address of an endpoint. Each connection goes to one ready replica, by chance; where a dial fails, to another. Where none is
/// ready the connection is held for a while, so that a restart is a delay and not an error. A connection is never cut for being idle.
/// </summary>
internal sealed partial class TcpProxy : IAsyncDisposable
{
    private readonly string _name;
    private readonly ReplicaPool _pool;
    private readonly TimeSpan _patience;
    private readonly ILogger _logger;
    private readonly List<Socket> _listeners;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _accepting = [];
    private int _connections;
    private int _disposed;

    private TcpProxy(string name, ReplicaPool pool, TimeSpan patience, List<Socket> listeners, ILogger logger)
    {
        (_name, _pool, _patience, _listeners, _logger) = (name, pool, patience, listeners, logger);
        Port = ((IPEndPoint)listeners[0].LocalEndPoint!).Port;
    }

    public int Port { get; }

    public int Connections => _connections;

    /// <summary>Listens on the loopback addresses.</summary>
    /// <param name="port">Null for a free one.</param>
    /// <param name="patience">How long a connection is held while no replica is ready.</param>
    /// <exception cref="DistributedApplicationException">The port is taken.</exception>
    public static TcpProxy Start(string name, int? port, ReplicaPool pool, TimeSpan patience, ILogger logger)
    {
        var proxy = new TcpProxy(name, pool, patience, Loopback.Listen(port, name), logger);
        foreach (var listener in proxy._listeners)
        {
            proxy._accepting.Add(proxy.AcceptAsync(listener));
        }

        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        await Task.WhenAll(_accepting).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                _ = ServeAsync(client, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // A client that hung up while it waited to be accepted, or no file handles left: the next accept may do.
                LogAcceptFailed(_name, e.Message);
                await Task.Delay(10, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            client.NoDelay = true;
            using var server = await DialAsync(stop).ConfigureAwait(false);
            if (server is null)
            {
                LogNoReplica(_name, _patience.TotalSeconds);
                client.LingerState = new LingerOption(true, 0);
                return;
            }

            await Splice.RunAsync(client, server, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The proxy is closing.
        }
        finally
        {
            client.Dispose();
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task<Socket?> DialAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(_patience);
        var tried = new HashSet<IPEndPoint>();
        while (true)
        {
            var (address, changed) = _pool.Pick(tried);
            if (address is null)
            {
                // All ready ones were tried. One that comes back, or comes new, gets the connection; so does one that had no time to accept.
                tried.Clear();
                try
                {
                    await changed.WaitAsync(TimeSpan.FromMilliseconds(200), limit.Token).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    continue;
                }
                catch (OperationCanceledException)
                {
                    return null;
                }

                continue;
            }

            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address, limit.Token).ConfigureAwait(false);
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                tried.Add(address);
                LogDialFailed(_name, address, e.Message);
                if (limit.IsCancellationRequested)
                {
                    return null;
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Proxy}: accepting a connection failed: {Reason}")]
    private partial void LogAcceptFailed(string proxy, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Proxy}: {Address} does not answer, trying another replica: {Reason}")]
    private partial void LogDialFailed(string proxy, IPEndPoint address, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Proxy}: a connection was refused, as no replica was ready for {Seconds} s.")]
    private partial void LogNoReplica(string proxy, double seconds);
}
