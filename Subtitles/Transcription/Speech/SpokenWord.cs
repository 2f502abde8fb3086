namespace Subtitles.Transcription.Speech;

/// <summary>A word that was heard, and when.</summary>
internal readonly record struct SpokenWord(string Text, long StartMs, long EndMs);
