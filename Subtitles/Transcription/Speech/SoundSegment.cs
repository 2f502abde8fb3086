namespace Subtitles.Transcription.Speech;

/// <summary>Several utterances and the pauses between them.</summary>
/// <param name="StartMs">Where its sound begins in the media.</param>
/// <param name="EndMs">Where its sound ends.</param>
/// <param name="FreeFromMs">From where on its cues may stand: where the one before it has ended.</param>
/// <param name="FreeUntilMs">Up to where its cues may stand.</param>
/// <param name="Samples">The sound, mono.</param>
internal sealed record SoundSegment(long StartMs, long EndMs, long FreeFromMs, long FreeUntilMs, short[] Samples);
