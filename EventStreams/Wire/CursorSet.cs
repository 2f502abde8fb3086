using System.Buffers;
using System.Globalization;
using System.Text;

namespace EventStreams.Wire;

/// <summary>
/// The id of a stream over several topics: <c>index:cursor.cursor.cursor</c>, where the index (from 0) is that of the event's topic in the
/// request, and there is a cursor for every topic of the request, in its order. A cursor is an id's own text, or a shorter form of the
/// same: the epoch's ten characters, six digits for the check, and digits to the base of 64 for the offset. None has a dot, so that clients
/// can take a set apart and put another together; an empty one is that of a topic of which nothing has been seen. The index may be left out
/// by who brings it.
/// </summary>
internal sealed class CursorSet(byte[][] cursors)
{
    // The longest cursor is an id's own text.
    private const int MaxCursor = EventId.MaxTextLength;
    private const int EpochLength = 10;
    private const int CheckLength = 6;
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_~";
    private static readonly byte[] DigitBytes = Encoding.ASCII.GetBytes(Digits);
    private static readonly SearchValues<char> LettersAndDigits = SearchValues.Create(Digits.AsSpan(0, 62));

    /// <summary>Moves a topic's cursor.</summary>
    public void Move(int index, byte[] cursor) => cursors[index] = cursor;

    /// <summary>The whole id of an event of the topic.</summary>
    public string Text(int index)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, index);
        return Encoding.ASCII.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the id of an event of the topic.</summary>
    public void Write(IBufferWriter<byte> buffer, int index)
    {
        var length = 3;
        foreach (var cursor in cursors)
            length += cursor.Length + 1;
        var span = buffer.GetSpan(length);
        index.TryFormat(span, out var at, default, CultureInfo.InvariantCulture);
        for (var i = 0; i < cursors.Length; i++)
        {
            span[at++] = i == 0 ? (byte)':' : (byte)'.';
            cursors[i].CopyTo(span[at..]);
            at += cursors[i].Length;
        }
        buffer.Advance(at);
    }

    /// <summary>The cursors that a client brings; null where there are not so many.</summary>
    public static string[]? Split(string text, int count)
    {
        var cursors = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('.', count + 1);
        return cursors.Length == count ? cursors : null;
    }

    /// <summary>The shorter form of an id, or its own text where it has none.</summary>
    public static byte[] Encode(EventId id)
    {
        if (id.Epoch.Length != EpochLength || id.Check == 0 || id.Offset == 0)
            return Encoding.ASCII.GetBytes(id.ToString());
        Span<byte> text = stackalloc byte[EpochLength + CheckLength + 11];
        Encoding.ASCII.GetBytes(id.Epoch, text);
        var at = EpochLength + CheckLength;
        var check = id.Check;
        for (var i = at - 1; i >= EpochLength; i--, check >>= 6)
            text[i] = DigitBytes[check & 63];
        for (var offset = id.Offset; offset > 0; offset >>= 6)
            text[at++] = DigitBytes[offset & 63];
        return text[..at].ToArray();
    }

    /// <summary>Reads what <see cref="Encode"/> has made, or an id's own text.</summary>
    public static bool TryDecode(string text, out EventId id)
    {
        if (text.Length > MaxCursor || text.Contains('-', StringComparison.Ordinal))
            return EventId.TryParse(text, out id);
        id = default;
        const int Head = EpochLength + CheckLength;
        if (
            text.Length <= Head
            || text.AsSpan(0, EpochLength).ContainsAnyExcept(LettersAndDigits)
            || !TryRead(text.AsSpan(EpochLength, CheckLength), out var check, isBackwards: false)
            || check > uint.MaxValue
            || !TryRead(text.AsSpan(Head), out var offset, isBackwards: true)
        )
            return false;
        id = new EventId(text[..EpochLength], offset, (uint)check);
        return true;
    }

    private static bool TryRead(ReadOnlySpan<char> digits, out long value, bool isBackwards)
    {
        value = 0;
        // More would not fit.
        if (digits.Length > 10)
            return false;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = Digits.IndexOf(digits[isBackwards ? digits.Length - 1 - i : i], StringComparison.Ordinal);
            if (digit < 0)
                return false;
            value = value << 6 | (uint)digit;
        }
        return true;
    }
}
