using System.Text;

namespace Subtitles.Formats;

/// <summary>
/// Reads lines that end in LF, CRLF or CR, drops a leading byte order mark, counts lines, and stops at the character limit. Lines can be
/// put back, which the formats need: only the line after it tells whether a line is an identifier or text.
/// </summary>
internal sealed class LineReader(TextReader source, SubtitleLimits limits)
{
    private readonly char[] _buffer = new char[4096];
    private readonly StringBuilder _line = new();
    private int _position;
    private int _length;
    private long _taken;
    private bool _atStart = true;
    private bool _afterCarriageReturn;
    private readonly Stack<string> _putBack = new();

    /// <summary>The number of the line that was read last, from 1.</summary>
    public int Number { get; private set; }

    public string? Read()
    {
        if (_putBack.TryPop(out var line))
        {
            Number++;
            return line;
        }
        _line.Clear();
        var any = false;
        while (Next() is var c and >= 0)
        {
            if (c == '\n' && _afterCarriageReturn)
            {
                _afterCarriageReturn = false;
                continue;
            }
            _afterCarriageReturn = c == '\r';
            any = true;
            if (c is '\n' or '\r')
                break;
            _line.Append((char)c);
        }
        if (!any)
            return null;
        Number++;
        return _line.ToString();
    }

    public void PutBack(string line)
    {
        _putBack.Push(line);
        Number--;
    }

    private int Next()
    {
        if (_position == _length)
        {
            _length = source.Read(_buffer);
            _position = 0;
            if (_length <= 0)
            {
                _length = 0;
                return -1;
            }
            _taken += _length;
            if (_taken > limits.MaxCharacters)
                throw new SubtitleFormatException(
                    Number + 1,
                    $"The file has more than {limits.MaxCharacters} characters; split it or send a smaller one."
                );
            if (_atStart && _buffer[0] == '\uFEFF')
                _position = 1;
            _atStart = false;
            if (_position == _length)
                return Next();
        }
        return _buffer[_position++];
    }
}
