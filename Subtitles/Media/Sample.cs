namespace Subtitles.Media;

/// <summary>Media that comes with the project.</summary>
/// <param name="Name">As in <c>sample:NAME</c>.</param>
/// <param name="Title">A name for people.</param>
/// <param name="MediaPath">The media file.</param>
/// <param name="SideFilePath">Its subtitles; null when it is to be transcribed.</param>
/// <param name="Language">The spoken language, as a BCP 47 tag.</param>
public sealed record Sample(string Name, string Title, string MediaPath, string? SideFilePath, string Language);
