using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventStreams;

namespace Subtitles.Jobs;

/// <summary>An unguessable job id: 128 random bits as 22 characters of base64url.</summary>
[JsonConverter(typeof(JsonForm))]
public readonly record struct JobId
{
    private const int Length = 22;

    private JobId(string value) => Value = value;

    /// <summary>The id as text.</summary>
    public string Value { get; }

    /// <summary>The topic that carries the job's events.</summary>
    public Topic Topic => Topic.Parse("job:" + Value);

    /// <summary>The topic that carries corrections of the job's cues, for viewers of a job that has ended. It ends only when the job is
    /// deleted.</summary>
    public Topic CorrectionsTopic => Topic.Parse($"job:{Value}:corrections");

    /// <summary>Draws a new id.</summary>
    public static JobId Create() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));

    /// <summary>Parses an id; false when the text is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out JobId id)
    {
        id = default;
        if (text is not { Length: Length } || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return false;
        id = new JobId(text);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private sealed class JsonForm : JsonConverter<JobId>
    {
        public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            TryParse(reader.GetString(), out var id) ? id : throw new JsonException("That is not a job id.");

        public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Value);
    }
}
