namespace Subtitles.Transcription.Tools;

/// <summary>What the header of a media file says.</summary>
/// <param name="Duration">The length; null where the file does not tell.</param>
/// <param name="HasSound">Whether it has a sound track.</param>
/// <param name="TextTracks">Its subtitle tracks that hold text, not pictures.</param>
internal sealed record MediaInfo(TimeSpan? Duration, bool HasSound, IReadOnlyList<TextTrack> TextTracks);

/// <summary>A subtitle track.</summary>
/// <param name="StreamIndex">Its index among all streams of the file.</param>
/// <param name="Language">Its language as the file names it, or null.</param>
internal sealed record TextTrack(int StreamIndex, string? Language);
