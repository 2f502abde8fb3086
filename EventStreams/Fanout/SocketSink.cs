using System.Net.Sockets;
using System.Runtime.CompilerServices;
using EventStreams.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace EventStreams.Fanout;

/// <summary>
/// Writes chunks that all streams share straight to the connection's socket: one system call, no copy, no hand-over to another thread. For
/// a connection that <see cref="Http.StreamHandover"/> has taken over, after the server has sent everything that went through it before;
/// see <see cref="Http.EventStreamTransport"/> for what makes that order certain.
/// </summary>
internal sealed class SocketSink : StreamSink
{
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly ConnectionContext _connection;
    private readonly Socket _socket;
    private Action? _onSent;
    private ValueTaskAwaiter<int> _send;
    private volatile bool _isClosed;

    public SocketSink(ConnectionContext connection)
    {
        _connection = connection;
        _socket = connection.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        // The pump must never wait for one client: what the kernel does not take at once is sent later.
        _socket.Blocking = false;
    }

    public override bool IsClosed => _isClosed;

    public override bool TryWrite(WireBytes bytes)
    {
        var chunk = bytes.Chunk;
        try
        {
            var sent = SendNow(chunk);
            if (sent == chunk.Length)
                return true;
#pragma warning disable CA2012 // Kept in a field so that a pending send costs no state machine; its result is taken once, in OnSent.
            _send = _socket.SendAsync(chunk[sent..]).GetAwaiter();
#pragma warning restore CA2012
            if (_send.IsCompleted)
            {
                _send.GetResult();
                return true;
            }
            _send.UnsafeOnCompleted(_onSent ??= OnSent);
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
        var chunk = bytes.Chunk;
        try
        {
            // An asynchronous send leaves something on the socket that it uses again; most clients never need one.
            var sent = SendNow(chunk);
            if (sent < chunk.Length)
                await _socket.SendAsync(chunk[sent..]);
        }
        catch (Exception e) when (IsDisconnect(e))
        {
            _isClosed = true;
        }
    }

    public override void Complete()
    {
        try
        {
            // A client whose buffer is full sees a body that is cut off, and resumes as it would after its end.
            SendNow(LastChunk);
        }
        catch (Exception e) when (IsDisconnect(e))
        {
            _isClosed = true;
        }
    }

    public override void Abort()
    {
        _isClosed = true;
        _connection.Abort();
    }

    // How much of it the kernel takes at once: a part of it, when there is room for that only.
    private int SendNow(ReadOnlyMemory<byte> bytes)
    {
        var sent = _socket.Send(bytes.Span, SocketFlags.None, out var error);
        return error is SocketError.Success or SocketError.WouldBlock ? Math.Max(0, sent) : throw new SocketException((int)error);
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
        Observer!.OnWritten();
    }

    // A client that leaves is the normal end of a stream; the next connection resumes it.
    private static bool IsDisconnect(Exception e) => e is SocketException or OperationCanceledException or ObjectDisposedException;
}
