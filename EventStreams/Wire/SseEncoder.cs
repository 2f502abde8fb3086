using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventStreams.Wire;

/// <summary>
/// Writes blocks of the event stream format (WHATWG HTML, section 9.2.6). The id is the last line of a block: a client that applies it at
/// once, and not with the block, then loses nothing when the connection breaks within the block. And a stream
/// over several topics can put an id of its own behind bytes that are shared. No block is without data, since some clients ignore such
/// blocks and others hand over the event before once more.
/// </summary>
internal static class SseEncoder
{
    // What an event without a type is to every client. Some treat it as something else when it is named.
    private const string DefaultType = "message";

    /// <summary>A comment, which clients ignore and proxies count as traffic. A line and no more: an empty one would end a block.</summary>
    public static readonly byte[] Heartbeat = ":\n"u8.ToArray();

    /// <summary>A block of an event: type, a data line for every line of the payload, id.</summary>
    public static byte[] Event(string id, string type, ReadOnlySpan<byte> payload) => Block(null, type, payload, id);

    /// <summary>The first block: how long to wait before coming back, who serves, and the position.</summary>
    public static byte[] Open(string cursor, Topic topic, string replica, int retry) =>
        Block(
            retry,
            StreamEventTypes.Open,
            Json(
                new
                {
                    topic = topic.Name,
                    replica,
                    cursor,
                }
            ),
            cursor
        );

    /// <summary>The first block of a stream over several topics, which tells where each of them begins.</summary>
    public static byte[] Open(IEnumerable<OpenedTopic> topics, string replica, int retry, string id) =>
        Block(retry, StreamEventTypes.Open, Json(new { topics, replica }), id);

    /// <summary>The end of a topic.</summary>
    public static byte[] End(string id, Topic topic) => Block(null, StreamEventTypes.End, Json(new { topic = topic.Name }), id);

    /// <summary>A gap notice. Its id is the place where the stream goes on: else the client would meet the same gap at every
    /// reconnect.</summary>
    public static byte[] Gap(StreamGap gap) => Block(null, StreamEventTypes.Gap, Json(gap), gap.Cursor);

    /// <summary>What stands in place of an event that the client has had already: its id, so that the client's last event id moves
    /// on.</summary>
    public static byte[] Place(string id) => Block(null, StreamEventTypes.Seen, "{}"u8, id);

    /// <summary>The last block of a stream that is closed, or was never begun, for the replica's reasons: when to come back. It has no id,
    /// so that the client keeps its own.</summary>
    /// <param name="milliseconds">How long the client is to wait.</param>
    /// <param name="reason">One of <see cref="StreamBusy"/>.</param>
    public static byte[] Busy(int milliseconds, string reason) =>
        Block(milliseconds, StreamEventTypes.Busy, Json(new { reason, retry = milliseconds }), null);

    /// <summary>The last block of a stream whose client may not follow any longer by what it came with. Its id is where the client
    /// is.</summary>
    /// <param name="lastId">The last id that was written; null for none, where the client keeps the id that it has.</param>
    /// <param name="topics">The stream's topics.</param>
    /// <param name="reason"><c>expired</c> or <c>revoked</c>.</param>
    public static byte[] Expired(string? lastId, Topic[] topics, string reason) =>
        Block(null, StreamEventTypes.Expired, Json(new { topics = Array.ConvertAll(topics, static topic => topic.Name), reason }), lastId);

    /// <summary>How many follow the topic. It is no event of the topic, and has no id.</summary>
    public static byte[] Presence(Topic topic, int streams, int subjects) =>
        Block(
            null,
            StreamEventTypes.Presence,
            Json(
                new
                {
                    topic = topic.Name,
                    streams,
                    subjects,
                }
            ),
            null
        );

    /// <summary>A block without its last line, which is its id; what comes behind it is the line's own form of the id.</summary>
    public static ReadOnlyMemory<byte> WithoutId(ReadOnlyMemory<byte> block) => block[..(block.Span[..^2].LastIndexOf((byte)'\n') + 1)];

    /// <summary>The last line of a block of a stream over several topics.</summary>
    public static void WriteId(IBufferWriter<byte> buffer, CursorSet cursors, int index)
    {
        buffer.Write("id: "u8);
        cursors.Write(buffer, index);
        buffer.Write("\n\n"u8);
    }

    private static byte[] Block(int? retry, string type, ReadOnlySpan<byte> payload, string? id)
    {
        var buffer = new ArrayBufferWriter<byte>(payload.Length + type.Length + (id?.Length ?? 0) + 32);
        if (retry is { } milliseconds)
        {
            Write(buffer, "retry: "u8);
            WriteAscii(buffer, milliseconds.ToString(CultureInfo.InvariantCulture));
            Write(buffer, "\n"u8);
        }
        if (type != DefaultType)
        {
            Write(buffer, "event: "u8);
            WriteAscii(buffer, type);
            Write(buffer, "\n"u8);
        }
        while (true)
        {
            Write(buffer, "data: "u8);
            var end = payload.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
                break;
            Write(buffer, payload[..end]);
            Write(buffer, "\n"u8);
            payload = payload[(payload[end..].StartsWith("\r\n"u8) ? end + 2 : end + 1)..];
        }
        Write(buffer, payload);
        if (id is not null)
        {
            Write(buffer, "\nid: "u8);
            WriteAscii(buffer, id);
        }
        Write(buffer, "\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Json<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, JsonSerializerOptions.Web);

    private static void Write(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    private static void WriteAscii(ArrayBufferWriter<byte> buffer, string text)
    {
        Encoding.ASCII.GetBytes(text, buffer.GetSpan(text.Length));
        buffer.Advance(text.Length);
    }
}

/// <summary>Where a topic begins on a stream over several.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Cursor">The event after which it goes on.</param>
/// <param name="Ended">Whether that was its end: nothing of it follows.</param>
internal sealed record OpenedTopic(
    string Topic,
    string Cursor,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Ended
);
