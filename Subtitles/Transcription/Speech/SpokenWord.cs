namespace Subtitles.Transcription.Speech;

/// <summary>A word that was heard, and when.</summary>
internal readonly record struct SpokenWord(string Text, long StartMs, long EndMs)
{
    /// <summary>Whether it goes on where the word before it ended, without a space: as a part of one that is longer than a line, or in a
    /// script that has no spaces.</summary>
    public bool JoinsPrevious { get; init; }

    /// <summary>How sure the engine is, 0 to 1; null where it does not tell.</summary>
    public double? Confidence { get; init; }

    /// <summary>The word, beginning no earlier than the place that what was said before it may take.</summary>
    public SpokenWord NotBefore(long ms) => StartMs >= ms ? this : this with { StartMs = ms, EndMs = Math.Max(EndMs, ms) };
}
