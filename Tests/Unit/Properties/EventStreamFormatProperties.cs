using CsCheck;
using EventStreams.Client;

namespace Tests.Unit.Properties;

/// <summary>The client's reader of event streams, for any bytes in any pieces.</summary>
public sealed class EventStreamFormatProperties
{
    private static readonly string[] Words =
    [
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "data: x\n",
        "data:\n",
        "data\n",
        "id: a-1-1\n",
        "id\n",
        "id: \0\n",
        "event: note\n",
        "retry: 500\n",
        "retry: 99999999999999999999\n",
        ": comment\n",
        "\uFEFF",
        "data: \u4E2D\n",
        "colour: red\n",
        " ",
    ];

    [Fact]
    public void What_comes_in_pieces_is_read_as_what_comes_whole() =>
        Gen.Select(Bytes.Of(Words), Gen.Int[1, 9].List[1, 6])
            .Sample(
                (bytes, sizes) =>
                {
                    var whole = Read(new MemoryStream(bytes));
                    var pieces = Read(new PiecedStream(bytes, sizes));
                    Assert.Equal(whole.Blocks, pieces.Blocks);
                    Assert.Equal(whole.Retry, pieces.Retry);
                },
                iter: 5000
            );

    [Fact]
    public void No_id_upsets_the_position() =>
        Bytes
            .TextOf("a", "0", "-", "1", "9", "99999999999999999999", "f", "~", ":", ".")
            .List[0, 12]
            .Sample(
                ids =>
                {
                    var position = new StreamPosition(null);
                    foreach (var id in ids)
                    {
                        var before = position.LastEventId;
                        var isSeen = position.Advance(id) == Place.Seen;
                        Assert.Equal(
                            isSeen ? before
                                : id.Length == 0 ? null
                                : id,
                            position.LastEventId
                        );
                    }
                },
                iter: 5000
            );

    private static (List<StreamBlock> Blocks, TimeSpan? Retry) Read(Stream body)
    {
        var reader = new BlockReader(body);
        var blocks = new List<StreamBlock>();
        while (reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } block)
            blocks.Add(block);
        return (blocks, reader.Retry);
    }
}
