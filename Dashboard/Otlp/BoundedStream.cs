namespace Dashboard.Otlp;

/// <summary>Reads from another stream until a limit; what a few compressed bytes can become is not known before.</summary>
/// <param name="inner">The stream, which is disposed together with this one.</param>
/// <param name="limit">How many bytes it may have.</param>
/// <param name="refusal">The exception for one that has more.</param>
/// <param name="unreadable">The exception for one that cannot be unpacked; by default the one that the inner stream has for it.</param>
internal sealed class BoundedStream(Stream inner, int limit, Func<Exception> refusal, Func<InvalidDataException, Exception>? unreadable = null) : Stream
{
    private int _left = limit;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Counted(inner.Read(buffer));
        }
        catch (InvalidDataException e) when (unreadable is not null)
        {
            throw unreadable(e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Counted(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));
        }
        catch (InvalidDataException e) when (unreadable is not null)
        {
            throw unreadable(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Counted(int read)
    {
        _left -= read;
        return _left >= 0 ? read : throw refusal();
    }
}
