using System.Buffers;
using System.Globalization;

namespace EventStreams.Wire;

/// <summary>Gathers the bytes of one write to one stream, with room for the chunk's frame around them. Used again and again.</summary>
internal sealed class WireBuffer : IBufferWriter<byte>
{
    // The size in hexadecimal digits, and a line end.
    private const int Front = 10;
    private const int Back = 2;
    private const int MaxKept = 128 * 1024;

    private byte[] _bytes = new byte[4096];
    private int _end = Front;

    /// <summary>Bytes gathered.</summary>
    public int Length => _end - Front;

    public void Write(ReadOnlyMemory<byte> bytes)
    {
        bytes.Span.CopyTo(GetSpan(bytes.Length));
        _end += bytes.Length;
    }

    /// <summary>What has been gathered. It counts until <see cref="Clear"/>.</summary>
    public WireBytes Framed()
    {
        Span<byte> size = stackalloc byte[Front];
        Length.TryFormat(size, out var digits, "X", CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(size[digits..]);
        var start = Front - digits - 2;
        size[..(digits + 2)].CopyTo(_bytes.AsSpan(start));
        "\r\n"u8.CopyTo(_bytes.AsSpan(_end));
        return new WireBytes(_bytes.AsMemory(start, _end + Back - start), _bytes.AsMemory(Front, Length));
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        _end = Front;
        if (_bytes.Length > MaxKept)
            _bytes = new byte[4096];
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var needed = _end + Math.Max(1, sizeHint) + Back;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        return _bytes.AsMemory(_end, _bytes.Length - Back - _end);
    }

    public void Advance(int count) => _end += count;
}
