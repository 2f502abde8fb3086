using System.Text;

namespace Subtitles.Formats;

/// <summary>
/// Turns the bytes of a subtitle file into text: by its byte order mark; else UTF-16 where every other byte of it is zero; else UTF-8; and
/// what is no UTF-8 is Windows-1252, of which Latin-1 is a part, as browsers and players read it.
/// </summary>
internal static class SubtitleEncoding
{
    private static readonly Encoding Strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding Western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>The text, without a byte order mark.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        foreach (var marked in (Encoding[])[Encoding.UTF8, Encoding.UTF32, Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            if (bytes.StartsWith(marked.Preamble))
                return marked.GetString(bytes[marked.Preamble.Length..]);
        }
        if (FindUtf16(bytes) is { } utf16)
            return utf16.GetString(bytes);
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Western.GetString(bytes);
        }
    }

    /// <summary>Files begin with Latin letters or digits, whatever their language: of these one byte is zero.</summary>
    private static Encoding? FindUtf16(ReadOnlySpan<byte> bytes) =>
        bytes switch
        {
            [not 0, 0, not 0, 0, ..] => Encoding.Unicode,
            [0, not 0, 0, not 0, ..] => Encoding.BigEndianUnicode,
            _ => null,
        };
}
