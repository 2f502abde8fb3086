using System.Text.Json.Serialization;

namespace Subtitles.Transcription.OpenAi;

/// <summary>The answer to <c>POST /audio/transcriptions</c>: in <c>json</c> it has the text only. Times are seconds from the beginning of the sound that was sent.</summary>
internal sealed record OpenAiAnswer
{
    [JsonPropertyName("text")]
    public string? Text { get; init; }

    [JsonPropertyName("segments")]
    public IReadOnlyList<Segment>? Segments { get; init; }

    [JsonPropertyName("words")]
    public IReadOnlyList<Word>? Words { get; init; }

    internal sealed record Segment(
        [property: JsonPropertyName("start")] double Start, [property: JsonPropertyName("end")] double End, [property: JsonPropertyName("text")] string? Text);

    internal sealed record Word(
        [property: JsonPropertyName("start")] double Start, [property: JsonPropertyName("end")] double End, [property: JsonPropertyName("word")] string? Text);
}
