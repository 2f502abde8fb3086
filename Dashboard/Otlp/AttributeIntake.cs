using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Dashboard.Otlp.Messages;
using Dashboard.Telemetry;
using Google.Protobuf.Collections;

namespace Dashboard.Otlp;

/// <summary>Reads attributes and other values, within the limits.</summary>
internal sealed class AttributeIntake(TelemetryLimits limits)
{
    private static readonly JsonWriterOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TextPool _pool = new();

    /// <summary>A text that often comes again, such as a name.</summary>
    public string Shared(string text) => _pool.Shared(Cut(text));

    public string Text(AnyValue? value) => Cut(Written(value));

    public TelemetryAttribute[] Attributes(RepeatedField<KeyValue> pairs)
    {
        if (pairs.Count == 0)
        {
            return [];
        }

        var attributes = new TelemetryAttribute[Math.Min(pairs.Count, limits.MaxAttributes)];
        for (var i = 0; i < attributes.Length; i++)
        {
            attributes[i] = new(Shared(pairs[i].Key), Shared(Written(pairs[i].Value)));
        }

        return attributes;
    }

    private static string Written(AnyValue? value)
    {
        switch (value?.ValueCase)
        {
            case AnyValue.ValueOneofCase.StringValue:
                return value.StringValue;
            case AnyValue.ValueOneofCase.BoolValue:
                return value.BoolValue ? "true" : "false";
            case AnyValue.ValueOneofCase.IntValue:
                return value.IntValue.ToString(CultureInfo.InvariantCulture);
            case AnyValue.ValueOneofCase.DoubleValue:
                return value.DoubleValue.ToString(CultureInfo.InvariantCulture);
            case AnyValue.ValueOneofCase.BytesValue:
                return value.BytesValue.ToBase64();
            case AnyValue.ValueOneofCase.ArrayValue or AnyValue.ValueOneofCase.KvlistValue:
                var buffer = new ArrayBufferWriter<byte>();
                using (var writer = new Utf8JsonWriter(buffer, Json))
                {
                    Write(writer, value);
                }

                return Encoding.UTF8.GetString(buffer.WrittenSpan);
            default:
                return "";
        }
    }

    private static void Write(Utf8JsonWriter writer, AnyValue? value)
    {
        switch (value?.ValueCase)
        {
            case AnyValue.ValueOneofCase.BoolValue:
                writer.WriteBooleanValue(value.BoolValue);
                break;
            case AnyValue.ValueOneofCase.IntValue:
                writer.WriteNumberValue(value.IntValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue when double.IsFinite(value.DoubleValue):
                writer.WriteNumberValue(value.DoubleValue);
                break;
            case AnyValue.ValueOneofCase.ArrayValue:
                writer.WriteStartArray();
                foreach (var item in value.ArrayValue.Values)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case AnyValue.ValueOneofCase.KvlistValue:
                writer.WriteStartObject();
                foreach (var pair in value.KvlistValue.Values)
                {
                    writer.WritePropertyName(pair.Key);
                    Write(writer, pair.Value);
                }

                writer.WriteEndObject();
                break;
            case null or AnyValue.ValueOneofCase.None:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteStringValue(Written(value));
                break;
        }
    }

    private string Cut(string text)
    {
        if (text.Length <= limits.MaxTextLength)
        {
            return text;
        }

        // Not between the two halves of a character.
        var end = limits.MaxTextLength - (char.IsHighSurrogate(text[limits.MaxTextLength - 1]) ? 1 : 0);
        return string.Concat(text.AsSpan(0, end), "…");
    }
}
