using System.Buffers.Text;

namespace EventStreams.Bus;

/// <summary>What a server says on a connection that subscribes.</summary>
internal enum RespKind
{
    /// <summary>A status: the answer to AUTH, CLIENT and, before the first subscription, to PING.</summary>
    Status,

    /// <summary>An error; <see cref="RespMessage.Channel"/> holds its text.</summary>
    Error,

    /// <summary>A message on a channel.</summary>
    Message,

    /// <summary>A subscription is acknowledged.</summary>
    Subscribed,

    /// <summary>A subscription has ended, by our wish or because the channel's slot has moved.</summary>
    Unsubscribed,

    /// <summary>The answer to a PING, whose text stands in <see cref="RespMessage.Channel"/>.</summary>
    Pong,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>One answer or message of a server, as ranges of the buffer that it was read from.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Channel">The channel's name, or an error's text.</param>
/// <param name="Payload">The message.</param>
/// <param name="Length">How many bytes it takes in the buffer.</param>
internal readonly record struct RespMessage(RespKind Kind, Range Channel, Range Payload, int Length)
{
    /// <summary>Reads the first message of a buffer. False when it is not there whole.</summary>
    /// <remarks>RESP2 (redis.io, "Redis serialization protocol specification"): only the forms that a subscriber meets.</remarks>
    /// <exception cref="FormatException">The bytes are not of that protocol: the connection cannot be used any more.</exception>
    public static bool TryRead(ReadOnlySpan<byte> buffer, out RespMessage message)
    {
        message = default;
        if (!TryReadLine(buffer, 0, out var line, out var next))
            return false;
        switch (buffer[0])
        {
            case (byte)'+':
                message = new RespMessage(RespKind.Status, line, default, next);
                return true;
            case (byte)'-':
                message = new RespMessage(RespKind.Error, line, default, next);
                return true;
            case (byte)'$':
                // Without a channel, the answer to a PING is its text alone.
                if (!TryReadItem(buffer, 0, out var text, out next))
                    return false;
                message = new RespMessage(RespKind.Pong, text, default, next);
                return true;
            case (byte)'*':
                return TryReadArray(buffer, Number(buffer[line]), next, out message);
            default:
                throw new FormatException(
                    $"A Redis server answered with the type '{(char)buffer[0]}', which a subscriber does not expect."
                );
        }
    }

    private static bool TryReadArray(ReadOnlySpan<byte> buffer, int count, int at, out RespMessage message)
    {
        message = default;
        Span<Range> items = stackalloc Range[4];
        if (count is < 1 or > 4)
            throw new FormatException($"A Redis server sent an array of {count} items, which a subscriber does not expect.");
        for (var i = 0; i < count; i++)
        {
            if (!TryReadItem(buffer, at, out items[i], out at))
                return false;
        }
        var kind = KindOf(buffer[items[0]]);
        message = new RespMessage(kind, count > 1 ? items[1] : default, kind == RespKind.Message && count > 2 ? items[2] : default, at);
        return true;
    }

    private static bool TryReadItem(ReadOnlySpan<byte> buffer, int at, out Range item, out int next)
    {
        item = default;
        if (!TryReadLine(buffer, at, out var line, out next))
            return false;
        if (buffer[at] != (byte)'$')
        {
            item = line;
            return true;
        }
        var length = Number(buffer[line]);
        if (length < 0)
            return true;
        if (buffer.Length - next - 2 < length)
            return false;
        item = next..(next + length);
        next += length + 2;
        return true;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> buffer, int at, out Range line, out int next)
    {
        line = default;
        next = at;
        if (at >= buffer.Length)
            return false;
        var end = buffer[at..].IndexOf("\r\n"u8);
        if (end < 0)
            return false;
        line = (at + 1)..(at + end);
        next = at + end + 2;
        return true;
    }

    private static int Number(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out int number, out var used) && used == digits.Length
            ? number
            : throw new FormatException("A Redis server sent a length that is not a number.");

    private static RespKind KindOf(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("message"u8) || word.SequenceEqual("smessage"u8) ? RespKind.Message
        : word.SequenceEqual("subscribe"u8) || word.SequenceEqual("ssubscribe"u8) ? RespKind.Subscribed
        : word.SequenceEqual("unsubscribe"u8) || word.SequenceEqual("sunsubscribe"u8) ? RespKind.Unsubscribed
        : word.SequenceEqual("pong"u8) ? RespKind.Pong
        : RespKind.Other;
}
