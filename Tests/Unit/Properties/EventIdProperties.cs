using System.Text;
using CsCheck;
using EventStreams;
using EventStreams.Log;
using EventStreams.Wire;

namespace Tests.Unit.Properties;

/// <summary>Ids, cursors and entries of the log: what was written is read again, and whatever else comes is refused.</summary>
public sealed class EventIdProperties
{
    private static readonly string[] Words =
    [
        "a",
        "abcdefghij",
        "-",
        "1",
        "0",
        "ff",
        "~",
        ".",
        ":",
        " ",
        "\n",
        "99999999999999999999",
        "note",
    ];

    private static readonly Gen<string> Epochs = Gen.OneOf(
        Gen.Char["abcdefghijkmnpqrstuvwxyz23456789"].Array[10].Select(letters => new string(letters)),
        Gen.Char["abcXYZ019"].Array[1, 32].Select(letters => new string(letters))
    );

    private static readonly Gen<EventId> Ids = Gen.Select(
            Epochs,
            Gen.OneOf(Gen.Long[0, 100], Gen.Long[0, 1L << 53]),
            Gen.OneOf(Gen.UInt, Gen.Const(0u))
        )
        .Select((epoch, offset, check) => new EventId(epoch, offset, check));

    [Fact]
    public void An_id_comes_back_from_its_text() =>
        Ids.Sample(id => Assert.True(EventId.TryParse(id.ToString(), out var read) && read == id), iter: 10_000);

    [Fact]
    public void A_cursor_of_many_topics_comes_back_from_its_text() =>
        Ids.List[1, 50]
            .Sample(
                ids =>
                {
                    var text = new CursorSet([.. ids.Select(CursorSet.Encode)]).Text(ids.Count - 1);
                    var parts = CursorSet.Split(text, ids.Count)!;
                    for (var i = 0; i < ids.Count; i++)
                        Assert.True(CursorSet.TryDecode(parts[i], out var read) && read == ids[i], text);
                },
                iter: 1000
            );

    [Fact]
    public void A_place_in_a_state_comes_back_from_its_text() =>
        Gen.Select(Ids, Gen.Double[0, 1])
            .Sample(
                (asOf, part) =>
                {
                    var cursor = new StateCursor(asOf, (long)(asOf.Offset * part));
                    Assert.True(StateCursorText.TryParse(cursor.ToWire(), out var read) && read == cursor);
                },
                iter: 5000
            );

    [Fact]
    public void Whatever_a_client_sends_as_a_cursor_is_read_or_refused() =>
        Gen.Select(Bytes.TextOf(Words), Gen.Int[1, 50])
            .Sample(
                (text, count) =>
                {
                    if (EventId.TryParse(text, out var id))
                        Assert.True(EventId.TryParse(id.ToString(), out var again) && again == id);
                    _ = CursorSet.TryDecode(text, out _);
                    _ = StateCursorText.TryParse(text, out _);
                    foreach (var part in CursorSet.Split(text, count) ?? [])
                        _ = CursorSet.TryDecode(part, out _);
                },
                iter: 10_000
            );

    [Fact]
    public void An_entry_of_the_log_comes_back_and_a_damaged_one_is_none_or_another()
    {
        var entries = Gen.Select(Ids, Gen.Long[0, 4_000_000_000_000_000], Gen.Byte.Array[0, 60]);
        Gen.Select(entries, Bytes.Of(Words), Gen.Int[0, 200])
            .Sample(
                (entry, damage, at) =>
                {
                    var (id, microseconds, payload) = entry;
                    var time = DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10);
                    byte[] bytes = [.. Encoding.ASCII.GetBytes($"{id} {LogEntry.Header("note", time, null)}\n"), .. payload];
                    var read = LogEntry.TryParse(bytes)!;
                    Assert.Equal((id, "note", time, null), (read.Id, read.Type, read.PublishedAt, read.TraceParent));
                    Assert.True(read.Payload.Span.SequenceEqual(payload));
                    at = Math.Min(at, bytes.Length);
                    LogEntry.TryParse((byte[])[.. bytes[..at], .. damage, .. bytes[at..]]);
                    LogEntry.TryParse(damage);
                },
                iter: 5000
            );
    }
}
