using System.Globalization;
using System.Text;

namespace EventStreams.Bus;

/// <summary>Commands as they are sent to a server.</summary>
internal static class RespCommand
{
    /// <summary>An array of bulk strings (redis.io, "Redis serialization protocol specification").</summary>
    public static byte[] Encode(params ReadOnlySpan<string> words)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (var word in words)
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
