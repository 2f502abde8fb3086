using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Subtitles.Transcription.OpenAi;

/// <summary>Reads an answer that comes as it is heard: events <c>transcript.text.delta</c> with a piece of the text each, then
/// <c>transcript.text.done</c> with the whole.</summary>
internal static class OpenAiStream
{
    private const int MaxCharacters = 1024 * 1024;

    public const string ContentType = "text/event-stream";

    /// <summary>The whole text, or null when the stream ended without it.</summary>
    /// <param name="body">The response's body.</param>
    /// <param name="heard">Is given the text so far, whenever there is more of it.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="JsonException">An event is no JSON of the known form.</exception>
    /// <exception cref="IOException">The stream broke.</exception>
    public static async Task<OpenAiAnswer?> ReadAsync(Stream body, Action<string> heard, CancellationToken cancellationToken)
    {
        var text = "";
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            // OpenAI's streams end so.
            if (item.Data == "[DONE]")
                break;
            var step = JsonSerializer.Deserialize<Step>(item.Data);
            if (step?.Type == "transcript.text.done")
                return new OpenAiAnswer { Text = step.Text ?? text };
            if (step?.Type != "transcript.text.delta" || string.IsNullOrEmpty(step.Delta))
                continue;
            text += step.Delta;
            if (text.Length > MaxCharacters)
                throw new JsonException("The text has no end.");
            heard(text);
        }
        return null;
    }

    private sealed record Step(
        [property: JsonPropertyName("type")] string? Type,
        [property: JsonPropertyName("delta")] string? Delta,
        [property: JsonPropertyName("text")] string? Text
    );
}
