namespace Tests.Unit.Properties;

/// <summary>A body that comes in pieces of given sizes, one a read.</summary>
internal sealed class PiecedStream(byte[] bytes, IReadOnlyList<int> sizes) : MemoryStream(bytes)
{
    private int _reads;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        new(Read(buffer.Span[..Math.Min(buffer.Length, sizes[_reads++ % sizes.Count])]));
}
