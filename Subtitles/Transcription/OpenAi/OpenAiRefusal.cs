namespace Subtitles.Transcription.OpenAi;

/// <summary>A request that brought no text.</summary>
/// <param name="sentence">What happened and what to do, for everybody: it names no address and quotes nobody.</param>
/// <param name="detail">Where it happened and what the service said, for the log of the worker.</param>
/// <param name="canRetry">Whether the same request may succeed later.</param>
/// <param name="retryAfter">How long the service asked to wait, or null.</param>
/// <param name="inner">What lies behind it.</param>
internal sealed class OpenAiRefusal(string sentence, string detail, bool canRetry, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(detail, inner)
{
    public string Sentence { get; } = sentence;

    public bool CanRetry { get; } = canRetry;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
