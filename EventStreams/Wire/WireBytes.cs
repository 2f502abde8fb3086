using System.Globalization;

namespace EventStreams.Wire;

/// <summary>
/// Bytes of an event stream in the two forms in which they go out: as they are, for a writer that frames them itself, and framed as one
/// chunk of HTTP/1.1's chunked coding (RFC 9112, section 7.1), for a socket. One array serves both.
/// </summary>
internal sealed class WireBytes
{
    private WireBytes(byte[] chunk, int start)
        : this(chunk, chunk.AsMemory(start, chunk.Length - start - 2)) { }

    /// <summary>Bytes that somebody else has framed.</summary>
    public WireBytes(ReadOnlyMemory<byte> chunk, ReadOnlyMemory<byte> plain) => (Chunk, Plain) = (chunk, plain);

    /// <summary>The bytes with the chunk's size in front and a line end behind.</summary>
    public ReadOnlyMemory<byte> Chunk { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Plain { get; }

    public static WireBytes Of(ReadOnlySpan<byte> bytes)
    {
        var (chunk, start) = Frame(bytes.Length);
        bytes.CopyTo(chunk.AsSpan(start));
        return new WireBytes(chunk, start);
    }

    /// <summary>Several pieces as one chunk.</summary>
    public static WireBytes Join(ReadOnlySpan<WireBytes> pieces)
    {
        if (pieces is [var only])
            return only;
        var length = 0;
        foreach (var piece in pieces)
            length += piece.Plain.Length;
        var (chunk, start) = Frame(length);
        var at = start;
        foreach (var piece in pieces)
        {
            piece.Plain.Span.CopyTo(chunk.AsSpan(at));
            at += piece.Plain.Length;
        }
        return new WireBytes(chunk, start);
    }

    private static (byte[] Chunk, int Start) Frame(int length)
    {
        Span<byte> size = stackalloc byte[10];
        length.TryFormat(size, out var digits, "X", CultureInfo.InvariantCulture);
        var chunk = new byte[digits + 2 + length + 2];
        size[..digits].CopyTo(chunk);
        "\r\n"u8.CopyTo(chunk.AsSpan(digits));
        "\r\n"u8.CopyTo(chunk.AsSpan(digits + 2 + length));
        return (chunk, digits + 2);
    }
}
