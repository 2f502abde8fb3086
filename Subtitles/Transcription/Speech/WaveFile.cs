using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Subtitles.Transcription.Speech;

/// <summary>Writes sound as a WAV file, which every service takes.</summary>
internal static class WaveFile
{
    private const int HeaderLength = 44;

    /// <summary>Mono, 16 bit.</summary>
    public static byte[] Write(ReadOnlySpan<short> samples, int sampleRate)
    {
        var data = MemoryMarshal.AsBytes(samples);
        var file = new byte[HeaderLength + data.Length];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), sampleRate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), sampleRate * sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), sizeof(short));
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), data.Length);
        data.CopyTo(file.AsSpan(HeaderLength));
        return file;
    }
}
