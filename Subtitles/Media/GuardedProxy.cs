using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Subtitles.Media;

/// <summary>
/// A forward proxy on loopback for a program that opens addresses by itself: it connects only where a <see cref="SourceAddressGuard"/> allows, and resolves names itself, so that what was checked is what is
/// connected to. The first refusal is kept, and <see cref="Refused"/> is set.
/// </summary>
/// <remarks>
/// It asks for no password: whoever is on this machine can open public addresses without it. One program's proxy lives no longer than the program.
/// </remarks>
internal sealed class GuardedProxy : IAsyncDisposable
{
    private const int MaxHeadBytes = 16 * 1024;
    private const int MaxConnections = 32;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly SourceAddressGuard _guard;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _refused = new();
    private readonly SemaphoreSlim _places = new(MaxConnections);
    private readonly Task _accepting;
    private SourceAddressException? _refusal;

    private GuardedProxy(SourceAddressGuard guard)
    {
        _guard = guard;
        _listener.Start();
        Address = new Uri($"http://{_listener.LocalEndpoint}");
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Set when an address was refused.</summary>
    public CancellationToken Refused => _refused.Token;

    /// <summary>Why the first address that was refused was.</summary>
    public SourceAddressException? Refusal => Volatile.Read(ref _refusal);

    public static GuardedProxy Start(SourceAddressGuard guard) => new(guard);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        // The connections end by themselves now; they hold nothing but their sockets.
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _places.WaitAsync(_stop.Token);
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException && _stop.IsCancellationRequested)
        {
            // The program has ended.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using var client = new NetworkStream(socket, ownsSocket: true);
            if (await ReadHeadAsync(client) is not { } head || ProxyRequest.Parse(head) is not { } request)
            {
                await AnswerAsync(client, "400 Bad Request");
                return;
            }
            using var upstream = await ConnectAsync(request);
            if (upstream is null)
            {
                await AnswerAsync(client, Refusal is null ? "502 Bad Gateway" : "403 Forbidden");
                return;
            }
            if (request.IsTunnel)
                await AnswerAsync(client, "200 OK");
            else
                await upstream.WriteAsync(Encoding.Latin1.GetBytes(request.Head), _stop.Token);
            await upstream.WriteAsync(head.Rest, _stop.Token);
            await Task.WhenAny(client.CopyToAsync(upstream, _stop.Token), upstream.CopyToAsync(client, _stop.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side has left; the program sees its connection end.
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<NetworkStream?> ConnectAsync(ProxyRequest request)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(ConnectTimeout);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var addresses = await _guard.ResolveAsync(request.Host, limit.Token);
            await socket.ConnectAsync(addresses, request.Port, limit.Token);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SourceAddressException refusal)
        {
            socket.Dispose();
            Interlocked.CompareExchange(ref _refusal, refusal, null);
            await _refused.CancelAsync();
            return null;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static async Task<ProxyHead?> ReadHeadAsync(NetworkStream client)
    {
        var buffer = new byte[MaxHeadBytes];
        for (var length = 0; length < buffer.Length;)
        {
            var read = await client.ReadAsync(buffer.AsMemory(length));
            if (read == 0)
                return null;
            length += read;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return new ProxyHead(Encoding.Latin1.GetString(buffer, 0, end), buffer.AsMemory(end + 4, length - end - 4));
        }
        return null;
    }

    private static Task AnswerAsync(NetworkStream client, string status) =>
        client.WriteAsync(Encoding.ASCII.GetBytes(status.StartsWith('2') ? $"HTTP/1.1 {status}\r\n\r\n" : $"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")).AsTask();
}
