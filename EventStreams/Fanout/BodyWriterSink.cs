using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using EventStreams.Wire;
using Microsoft.AspNetCore.Http;

namespace EventStreams.Fanout;

/// <summary>Writes through the response's <see cref="PipeWriter"/>: works on every transport and protocol version.</summary>
internal sealed class BodyWriterSink : StreamSink
{
    private readonly HttpContext _context;
    private readonly PipeWriter _writer;
    private readonly Action _onFlushed;
    private ValueTaskAwaiter<FlushResult> _flush;
    private volatile bool _isClosed;

    public BodyWriterSink(HttpContext context)
    {
        _context = context;
        _writer = context.Response.BodyWriter;
        _onFlushed = OnFlushed;
    }

    public override bool IsClosed => _isClosed;

    public override bool TryWrite(WireBytes bytes)
    {
        try
        {
            // Kept in a field so that a pending write costs no state machine; its result is taken once, here or in OnFlushed.
#pragma warning disable CA2012
            _flush = _writer.WriteAsync(bytes.Plain).GetAwaiter();
#pragma warning restore CA2012
            if (_flush.IsCompleted)
            {
                _isClosed |= _flush.GetResult().IsCompleted;
                return true;
            }
            _flush.UnsafeOnCompleted(_onFlushed);
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
            _isClosed |= (await _writer.WriteAsync(bytes.Plain)).IsCompleted;
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

    private void OnFlushed()
    {
        try
        {
            _isClosed |= _flush.GetResult().IsCompleted;
        }
        catch (Exception e) when (IsDisconnect(e))
        {
            _isClosed = true;
        }
        Observer!.OnWritten();
    }

    // A client that leaves is the normal end of a stream; the next connection resumes it.
    private static bool IsDisconnect(Exception e) =>
        e is OperationCanceledException or IOException or InvalidOperationException or ObjectDisposedException;
}
