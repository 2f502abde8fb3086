using Subtitles.Formats;

namespace Subtitles.Media;

/// <summary>Tells formats by their first bytes, since names and declared types are whatever the sender likes.</summary>
public static class MediaFormat
{
    /// <summary>How many bytes of the start are looked at.</summary>
    public const int HeadLength = 512;

    /// <summary>The formats that are taken, for messages.</summary>
    public const string SupportedMedia = "WebM, Matroska, MP4, QuickTime, MPEG-TS, AVI, WAV, MP3, AAC, Ogg and FLAC";

    /// <summary>The side files that are taken, for messages.</summary>
    public const string SupportedSideFiles = "WebVTT (.vtt) and SubRip (.srt)";

    /// <summary>The extensions under which files are stored.</summary>
    internal static readonly string[] StoredExtensions =
    [
        ".webm",
        ".mkv",
        ".mp4",
        ".mov",
        ".ts",
        ".avi",
        ".wav",
        ".mp3",
        ".aac",
        ".ogg",
        ".flac",
        ".vtt",
        ".srt",
    ];

    /// <summary>The extension of the audio or video format that the bytes begin, or null when it is none that is taken.</summary>
    public static string? DetectMedia(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]))
            return head.IndexOf("webm"u8) >= 0 ? ".webm"
                : head.IndexOf("matroska"u8) >= 0 ? ".mkv"
                : null;
        if (head.Length >= 12 && head[4..8].SequenceEqual("ftyp"u8))
            return head[8..12].SequenceEqual("qt  "u8) ? ".mov" : ".mp4";
        if (head.Length >= 12 && head.StartsWith("RIFF"u8))
            return head[8..12].SequenceEqual("WAVE"u8) ? ".wav"
                : head[8..12].SequenceEqual("AVI "u8) ? ".avi"
                : null;
        if (head.StartsWith("OggS"u8))
            return ".ogg";
        if (head.StartsWith("fLaC"u8))
            return ".flac";
        if (head.StartsWith("ID3"u8))
            return ".mp3";
        if (head.Length > 188 && head[0] == 0x47 && head[188] == 0x47)
            return ".ts";
        // Frame headers: twelve bits of sync, then the layer, which is zero in AAC and never zero in MP3.
        if (head.Length >= 2 && head[0] == 0xFF && (head[1] & 0xE0) == 0xE0)
            return (head[1] & 0xF6) == 0xF0 ? ".aac"
                : (head[1] & 0x06) != 0 ? ".mp3"
                : null;
        return null;
    }

    /// <summary>The extension of the subtitle format that the bytes begin, or null when it is none that is taken.</summary>
    public static string? DetectSideFile(ReadOnlySpan<byte> head)
    {
        var text = SubtitleEncoding.Decode(head);
        if (text.Contains('\0', StringComparison.Ordinal))
            return null;
        if (text.StartsWith("WEBVTT", StringComparison.Ordinal) && (text.Length == 6 || char.IsWhiteSpace(text[6])))
            return ".vtt";
        return text.Contains("-->", StringComparison.Ordinal) ? ".srt" : null;
    }
}
