using System.Net.Sockets;
using System.Runtime.CompilerServices;
using EventStreams.Http;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace EventStreams.Fanout;

/// <summary>
/// Writes chunks that all streams share straight to the connection's socket: one system call, no copy, no hand-over to another thread. For plain HTTP/1.1 on Kestrel, after the server has sent the headers
/// and everything that went through it before; see <see cref="EventStreamTransport"/> for what makes that order certain.
/// </summary>
internal sealed class SocketSink : StreamSink
{
    private readonly HttpContext _context;
    private readonly Socket _socket;
    private readonly Action _onSent;
    private ValueTaskAwaiter<int> _send;
    private volatile bool _isClosed;

    private SocketSink(HttpContext context, Socket socket)
    {
        _context = context;
        _socket = socket;
        _onSent = OnSent;
        // The pump must never wait for one client: what the kernel does not take at once is sent later.
        socket.Blocking = false;
    }

    public override bool IsClosed => _isClosed;

    /// <summary>A sink for the request's connection, or null where its bytes do not go to a socket as they are (TLS, HTTP/2, a test host).</summary>
    public static SocketSink? TryCreate(HttpContext context)
    {
        if (!HttpProtocol.IsHttp11(context.Request.Protocol) || context.Request.IsHttps)
            return null;
        return context.Features.Get<IConnectionSocketFeature>() is { } feature ? new SocketSink(context, feature.Socket) : null;
    }

    public override bool TryWrite(WireBytes bytes)
    {
        var chunk = bytes.Chunk;
        try
        {
            var sent = _socket.Send(chunk.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success && sent == chunk.Length)
                return true;
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                _isClosed = true;
                return true;
            }
#pragma warning disable CA2012 // Kept in a field so that a pending send costs no state machine; its result is taken once, in OnSent.
            _send = _socket.SendAsync(chunk[Math.Max(0, sent)..]).GetAwaiter();
#pragma warning restore CA2012
            if (_send.IsCompleted)
            {
                _send.GetResult();
                return true;
            }
            _send.UnsafeOnCompleted(_onSent);
            return false;
        }
        catch (Exception e) when (IsDisconnect(e))
        {
            _isClosed = true;
            return true;
        }
    }

    public override async ValueTask WriteAsync(WireBytes bytes)
    {
        try
        {
            await _socket.SendAsync(bytes.Chunk);
        }
        catch (Exception e) when (IsDisconnect(e))
        {
            _isClosed = true;
        }
    }

    public override void Abort()
    {
        _isClosed = true;
        _context.Abort();
    }

    private void OnSent()
    {
        try
        {
            _send.GetResult();
        }
        catch (Exception e) when (IsDisconnect(e))
        {
            _isClosed = true;
        }
        Completed!();
    }

    // A client that leaves is the normal end of a stream; the next connection resumes it.
    private static bool IsDisconnect(Exception e) => e is SocketException or OperationCanceledException or ObjectDisposedException;
}
