namespace Subtitles.Media.Hls;

/// <summary>Bytes at an address: all of them, or <paramref name="Length"/> from <paramref name="Offset"/> on.</summary>
internal sealed record HlsResource(Uri Address, long Offset = 0, long? Length = null);

/// <summary>The key of AES-128 pieces. Without an <paramref name="Iv"/> it is the number of the piece.</summary>
internal sealed record HlsKey(Uri Address, UInt128? Iv);

/// <summary>A piece of the media.</summary>
/// <param name="Sequence">Its number, by which it is known when the playlist is read again.</param>
/// <param name="Duration">How long it plays, as the playlist says.</param>
/// <param name="Media">Where it is.</param>
/// <param name="Map">What the decoder needs before it; null for formats that need nothing.</param>
/// <param name="Key">Its encryption, or null.</param>
internal sealed record HlsSegment(long Sequence, TimeSpan Duration, HlsResource Media, HlsResource? Map, HlsKey? Key);
