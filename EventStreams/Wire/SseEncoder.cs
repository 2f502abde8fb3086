using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EventStreams.Wire;

/// <summary>
/// Writes blocks of the event stream format (WHATWG HTML, section 9.2.6). The id line comes first, so that a stream over several topics could put its own
/// in front of bytes that are shared.
/// </summary>
internal static class SseEncoder
{
    /// <summary>A comment, which clients ignore and proxies count as traffic.</summary>
    public static readonly byte[] Heartbeat = ":\n\n"u8.ToArray();

    /// <summary>A block of an event: id, type, and a data line for every line of the payload.</summary>
    public static byte[] Event(string id, string type, ReadOnlySpan<byte> payload)
    {
        var buffer = new ArrayBufferWriter<byte>(payload.Length + id.Length + type.Length + 32);
        Write(buffer, "id: "u8);
        WriteAscii(buffer, id);
        WriteTyped(buffer, type, payload);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The first block: the position, and who serves.</summary>
    public static byte[] Open(EventId cursor, Topic topic, string replica) =>
        Event(cursor.ToString(), StreamEventTypes.Open, JsonSerializer.SerializeToUtf8Bytes(
            new { topic = topic.Name, replica, cursor = cursor.ToString() }, JsonSerializerOptions.Web));

    /// <summary>
    /// A gap notice without an id, so that a client that reads it still has its old one, and a block without data that then moves the client's last event id
    /// to where the stream goes on: else it would meet the same gap at every reconnect.
    /// </summary>
    public static byte[] Gap(StreamGap gap)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        WriteTyped(buffer, StreamEventTypes.Gap, JsonSerializer.SerializeToUtf8Bytes(gap, JsonSerializerOptions.Web), isFirstField: true);
        Write(buffer, "id: "u8);
        WriteAscii(buffer, gap.Cursor);
        Write(buffer, "\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A block without data, which moves the client's last event id and is not dispatched.</summary>
    public static byte[] Place(string id) => Encoding.ASCII.GetBytes($"id: {id}\n\n");

    /// <summary>How long the client is to wait before it comes back.</summary>
    public static byte[] Retry(int milliseconds) => Encoding.ASCII.GetBytes($"retry: {milliseconds}\n\n");

    private static void WriteTyped(ArrayBufferWriter<byte> buffer, string type, ReadOnlySpan<byte> payload, bool isFirstField = false)
    {
        Write(buffer, isFirstField ? "event: "u8 : "\nevent: "u8);
        WriteAscii(buffer, type);
        while (true)
        {
            Write(buffer, "\ndata: "u8);
            var end = payload.IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0)
                break;
            Write(buffer, payload[..end]);
            payload = payload[(payload[end..].StartsWith("\r\n"u8) ? end + 2 : end + 1)..];
        }
        Write(buffer, payload);
        Write(buffer, "\n\n"u8);
    }

    private static void Write(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    private static void WriteAscii(ArrayBufferWriter<byte> buffer, string text)
    {
        Encoding.ASCII.GetBytes(text, buffer.GetSpan(text.Length));
        buffer.Advance(text.Length);
    }
}
