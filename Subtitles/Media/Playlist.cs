using System.Text;

namespace Subtitles.Media;

/// <summary>An HLS playlist: sound or film in pieces, possibly while it is still being made.</summary>
/// <param name="Address">Where it is, redirects followed.</param>
/// <param name="IsLive">Whether more will come, so that what is missed now cannot be heard later.</param>
public sealed record Playlist(Uri Address, bool IsLive)
{
    private const string Signature = "#EXTM3U";

    /// <summary>Whether these first bytes begin a playlist.</summary>
    public static bool IsSignature(ReadOnlySpan<byte> head) =>
        (head.StartsWith(Encoding.UTF8.Preamble) ? head[Encoding.UTF8.Preamble.Length..] : head).StartsWith(
            Encoding.ASCII.GetBytes(Signature)
        );
}
