namespace Subtitles.Transcription.Speech;

/// <summary>Speech as it is heard: more of an utterance's sound, or its end.</summary>
/// <param name="StartMs">Where the utterance begins in the media.</param>
/// <param name="Samples">Sound that comes after what earlier pieces had; of a fixed length, so that the same media gives the same pieces,
/// but for the last one of an utterance.</param>
/// <param name="Ended">The whole utterance with its end; null while it goes on. It may end before the last piece does: the rest belongs to
/// the next one.</param>
internal readonly record struct SpeechPiece(long StartMs, short[] Samples, Utterance? Ended);
