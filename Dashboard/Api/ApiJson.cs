using System.Text.Json;
using System.Text.Json.Serialization;
using Dashboard.Resources;
using Dashboard.Telemetry;

namespace Dashboard.Api;

/// <summary>How what the dashboard knows is written as JSON: ids as hexadecimal digits, durations as milliseconds, attributes as an object, secrets not at all.</summary>
internal static class ApiJson
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter());
        options.Converters.Add(new Writer<TraceId>((json, id) => json.WriteStringValue(id.ToString())));
        options.Converters.Add(new Writer<SpanId>((json, id) => json.WriteStringValue(id.ToString())));
        options.Converters.Add(new Writer<TelemetryResource>((json, resource) => json.WriteStringValue(resource.Id)));
        options.Converters.Add(new Writer<TimeSpan>((json, duration) => json.WriteNumberValue(duration.TotalMilliseconds)));
        options.Converters.Add(new Writer<IReadOnlyList<TelemetryAttribute>>(WriteAttributes));
        options.Converters.Add(new Writer<NamedValue>(WriteNamedValue));
    }

    private static void WriteAttributes(Utf8JsonWriter json, IReadOnlyList<TelemetryAttribute> attributes)
    {
        json.WriteStartObject();
        foreach (var attribute in attributes)
        {
            json.WriteString(attribute.Name, attribute.Value);
        }

        json.WriteEndObject();
    }

    private static void WriteNamedValue(Utf8JsonWriter json, NamedValue value)
    {
        json.WriteStartObject();
        json.WriteString("name", value.Name);
        json.WriteString("value", value.IsSecret ? null : value.Value);
        json.WriteBoolean("isSecret", value.IsSecret);
        json.WriteEndObject();
    }

    private sealed class Writer<T>(Action<Utf8JsonWriter, T> write) : JsonConverter<T>
    {
        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("The API only answers.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => write(writer, value);
    }
}
