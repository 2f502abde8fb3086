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
        (head.StartsWith(Encoding.UTF8.Preamble) ? head[Encoding.UTF8.Preamble.Length..] : head).StartsWith(Encoding.ASCII.GetBytes(Signature));

    /// <summary>The first playlist that a playlist of playlists names; null where it names the pieces themselves.</summary>
    public static Uri? FindVariant(Uri address, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var variant = lines.SkipWhile(l => !l.StartsWith("#EXT-X-STREAM-INF", StringComparison.Ordinal)).FirstOrDefault(l => l[0] != '#');
        return variant is not null && Uri.TryCreate(address, variant, out var found) ? found : null;
    }

    /// <summary>Whether a playlist of pieces is whole.</summary>
    public static bool IsWhole(string text) => text.Contains("#EXT-X-ENDLIST", StringComparison.Ordinal);
}
