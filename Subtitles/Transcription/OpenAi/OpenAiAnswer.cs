using System.Text.Json.Serialization;

namespace Subtitles.Transcription.OpenAi;

/// <summary>The answer to <c>POST /audio/transcriptions</c> and <c>/audio/translations</c>: in <c>json</c> it has the text only. Times are
/// seconds from the beginning of the sound that was sent.</summary>
internal sealed record OpenAiAnswer
{
    [JsonPropertyName("text")]
    public string? Text { get; init; }

    /// <summary>The language that was heard, by its English name or by a code; null where the answer does not tell.</summary>
    [JsonPropertyName("language")]
    public string? Language { get; init; }

    [JsonPropertyName("segments")]
    public IReadOnlyList<Segment>? Segments { get; init; }

    [JsonPropertyName("words")]
    public IReadOnlyList<Word>? Words { get; init; }

    internal sealed record Segment(
        [property: JsonPropertyName("start")] double Start,
        [property: JsonPropertyName("end")] double End,
        [property: JsonPropertyName("text")] string? Text
    );

    internal sealed record Word(
        [property: JsonPropertyName("start")] double Start,
        [property: JsonPropertyName("end")] double End,
        [property: JsonPropertyName("word")] string? Text
    );
}
