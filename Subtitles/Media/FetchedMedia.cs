namespace Subtitles.Media;

/// <summary>What an address led to: exactly one of the two.</summary>
/// <param name="Name">The name in the media store of a file that was fetched.</param>
/// <param name="Playlist">A playlist, which is read from where it is.</param>
public sealed record FetchedMedia(string? Name, Playlist? Playlist);
