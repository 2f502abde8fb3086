using EventStreams;
using EventStreams.Fanout;
using EventStreams.Wire;

namespace Tests.Unit.Streams;

public sealed class FrameRingTests
{
    private const int Held = 16;
    private const int ChunkBytes = 6;

    [Theory]
    [InlineData(0, Held, int.MaxValue)]
    [InlineData(100, Held, int.MaxValue)]
    // Where bytes are the limit, the place of a frame that was dropped is empty.
    [InlineData(0, 64, Held * ChunkBytes)]
    public void A_cursor_is_found_only_where_the_frame_at_it_is_still_held(long start, int capacity, int maxBytes)
    {
        const int Frames = 40;
        var ring = new FrameRing(capacity, maxBytes);
        ring.StartRun(new EventId("e", start), gap: null);
        for (var offset = start + 1; offset <= start + Frames; offset++)
        {
            var id = new EventId("e", offset, (uint)offset);
            ring.Append(new Frame(FrameKind.Event, id, WireBytes.Of("x"u8)));
        }
        var oldest = start + Frames - Held + 1;
        for (var offset = 0L; offset <= start + Frames + 1; offset++)
        {
            var isFound = ring.TryLocate(new EventId("e", offset, (uint)offset), out var position);
            Assert.Equal(offset >= oldest && offset <= start + Frames, isFound);
            if (isFound && position < ring.Head)
                Assert.Equal(offset + 1, ring[position].Id.Offset);
        }
        Assert.False(ring.TryLocate(new EventId("e", oldest, 1), out _));
        Assert.Null(ring.Find(oldest - 1));
        Assert.Equal(oldest, ring.Find(oldest)!.Id.Offset);
    }
}
