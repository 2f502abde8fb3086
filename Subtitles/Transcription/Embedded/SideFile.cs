using System.Text;
using Subtitles.Cues;
using Subtitles.Formats;

namespace Subtitles.Transcription.Embedded;

/// <summary>Reads a side file of either format; the content tells which, for names lie.</summary>
internal static class SideFile
{
    /// <exception cref="SubtitleFormatException">The file is malformed, beyond the limits, or not in UTF-8.</exception>
    public static IReadOnlyList<Cue> Read(string path)
    {
        // UTF-16 and UTF-32 are told by their byte order marks. Anything else must be UTF-8: a guess at a code page would mangle names.
        using var reader = new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
        try
        {
            var start = new char["WEBVTT".Length + 1];
            var length = reader.ReadBlock(start);
            var firstLine = new string(start, 0, length).Split('\n', '\r')[0];
            reader.BaseStream.Position = 0;
            reader.DiscardBufferedData();
            return WebVtt.IsSignature(firstLine) ? WebVtt.Parse(reader) : SubRip.Parse(reader);
        }
        catch (DecoderFallbackException e)
        {
            throw new SubtitleFormatException("The subtitle file is not in UTF-8; save it in that encoding.", e);
        }
    }
}
