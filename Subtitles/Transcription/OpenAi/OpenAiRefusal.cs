namespace Subtitles.Transcription.OpenAi;

/// <summary>A request that brought no text.</summary>
/// <param name="message">One sentence that says what to do, for the person who sent the media or runs the worker.</param>
/// <param name="canRetry">Whether the same request may succeed later.</param>
/// <param name="retryAfter">How long the service asked to wait, or null.</param>
/// <param name="inner">What lies behind it.</param>
internal sealed class OpenAiRefusal(string message, bool canRetry, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public bool CanRetry { get; } = canRetry;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
