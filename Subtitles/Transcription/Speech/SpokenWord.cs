namespace Subtitles.Transcription.Speech;

/// <summary>A word that was heard, and when.</summary>
internal readonly record struct SpokenWord(string Text, long StartMs, long EndMs)
{
    /// <summary>The word, beginning no earlier than the place that what was said before it may take.</summary>
    public SpokenWord NotBefore(long ms) => StartMs >= ms ? this : this with { StartMs = ms, EndMs = Math.Max(EndMs, ms) };
}
