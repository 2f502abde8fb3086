using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventStreams.Wire;

/// <summary>Writes events as JSON: id, type, and the data as text, as <c>EventSource</c> hands it over.</summary>
internal static class EventJson
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        // What this leaves as it is harms nobody in JSON that is not put into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Writes one JSON object.</summary>
    public static byte[] Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, WriterOptions);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the fields that every event has.</summary>
    public static void WriteFields(Utf8JsonWriter json, EventId id, string type, ReadOnlyMemory<byte> data)
    {
        json.WriteString("id"u8, id.ToString());
        json.WriteString("type"u8, type);
        // Decoded, since a writer refuses bytes that are no text.
        json.WriteString("data"u8, Encoding.UTF8.GetString(data.Span));
    }
}
