using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace EventStreams.Bus;

/// <summary>Commands as they are sent to a server.</summary>
internal static class RespCommand
{
    private const int LongestHeader = 16;

    /// <summary>An array of bulk strings (redis.io, "Redis serialization protocol specification").</summary>
    public static byte[] Encode(params ReadOnlySpan<string> words)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, words);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The same, behind what is to be sent before.</summary>
    public static void Write(IBufferWriter<byte> output, params ReadOnlySpan<string> words)
    {
        WriteHeader(output, '*', words.Length);
        foreach (var word in words)
        {
            WriteHeader(output, '$', Encoding.UTF8.GetByteCount(word));
            Encoding.UTF8.GetBytes(word, output);
            output.Write("\r\n"u8);
        }
    }

    private static void WriteHeader(IBufferWriter<byte> output, char kind, int number)
    {
        var span = output.GetSpan(LongestHeader);
        span[0] = (byte)kind;
        Utf8Formatter.TryFormat(number, span[1..], out var digits);
        "\r\n"u8.CopyTo(span[(1 + digits)..]);
        output.Advance(digits + 3);
    }
}
