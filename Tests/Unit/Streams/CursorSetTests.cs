using System.Globalization;
using EventStreams;
using EventStreams.Publishing;
using EventStreams.Wire;

namespace Tests.Unit.Streams;

public sealed class CursorSetTests
{
    [Theory]
    [InlineData("k3f9abcdef", 1, 1u)]
    [InlineData("k3f9abcdef", 63, 0x91d0u)]
    [InlineData("k3f9abcdef", 64, uint.MaxValue)]
    [InlineData("k3f9abcdef", 9_007_199_254_740_991, 0x80000001u)]
    [InlineData("k3f9abcdef", 7, 0u)]
    [InlineData("k3f9abcdef", 0, 5u)]
    [InlineData("0", 0, 0u)]
    [InlineData("0", 0, 0x1fu)]
    [InlineData("e", 12, 3u)]
    public void A_cursor_is_read_back_as_it_was(string epoch, long offset, uint check)
    {
        var id = new EventId(epoch, offset, check);
        var text = Text(CursorSet.Encode(id));
        Assert.DoesNotContain('.', text);
        Assert.True(CursorSet.TryDecode(text, out var read));
        Assert.Equal(id, read);
        // An id's own text is taken as well.
        Assert.True(CursorSet.TryDecode(id.ToString(), out read));
        Assert.Equal(id, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rubbish")]
    [InlineData("k3f9abcdef000001")]
    [InlineData("k3f9abcde!0000011")]
    [InlineData("k3f9abcdef00000!1")]
    [InlineData("k3f9abcdef______1")]
    [InlineData("k3f9abcdef00000112345678901")]
    public void What_is_no_cursor_is_refused(string text) => Assert.False(CursorSet.TryDecode(text, out _));

    [Fact]
    public void A_set_names_the_topic_first_and_is_taken_apart_again_with_and_without_it()
    {
        var set = new CursorSet([Text("a-1"), Text("b-2"), Text("c-3")]);
        set.Move(1, Text("b-9"));
        Assert.Equal("2:a-1.b-9.c-3", set.Text(2));
        Assert.Equal(["a-1", "b-9", "c-3"], CursorSet.Split("2:a-1.b-9.c-3", 3)!);
        Assert.Equal(["a-1", "", "c-3"], CursorSet.Split("a-1..c-3", 3)!);
        Assert.Null(CursorSet.Split("2:a-1.b-9.c-3", 2));
        Assert.Null(CursorSet.Split("2:a-1.b-9.c-3", 4));
    }

    /// <summary>What the docs say of the size.</summary>
    [Theory]
    [InlineData(2, 39)]
    [InlineData(10, 191)]
    [InlineData(50, 952)]
    public void An_id_is_compact(int topics, int bytes)
    {
        var cursors = Enumerable
            .Range(0, topics)
            .Select(_ =>
                CursorSet.Encode(
                    new EventId(
                        EventIds.NewEpoch(),
                        1000,
                        uint.Parse(EventIds.NewCheck(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                    )
                )
            );
        Assert.Equal(bytes, new CursorSet([.. cursors]).Text(topics - 1).Length);
    }

    private static byte[] Text(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    private static string Text(byte[] text) => System.Text.Encoding.ASCII.GetString(text);
}
