namespace Subtitles.Transcription.Speech;

/// <summary>A stretch of speech between two pauses, with a little of the pauses at its ends.</summary>
/// <param name="StartMs">Where it begins in the media.</param>
/// <param name="EndMs">Where it ends in the media.</param>
/// <param name="FreeUntilMs">Up to where nothing else is said, as far as is known: the end of the pause that ended it. Its cues may stay
/// until then.</param>
/// <param name="Samples">Its sound, mono.</param>
internal sealed record Utterance(long StartMs, long EndMs, long FreeUntilMs, short[] Samples);
