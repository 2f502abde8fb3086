using System.Buffers;
using System.Globalization;
using System.Text;

namespace EventStreams.Client;

/// <summary>
/// Reads the event stream format (WHATWG HTML, section 9.2.6) block by block. The framework's own parser keeps blocks without data to
/// itself, and their ids with them; and it takes an id for read although its block is then cut off.
/// </summary>
internal sealed class BlockReader(Stream body) : IAsyncDisposable
{
    private const string DefaultType = "message";
    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';

    private readonly ArrayBufferWriter<byte> _data = new();
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;
    private int _scanned;
    private bool _isBegun;
    private bool _skipsLineFeed;
    private bool _hasData;
    private string? _id;
    private string? _type;

    /// <summary>The newest <c>retry</c>; null for none. It counts as soon as its line is read.</summary>
    public TimeSpan? Retry { get; private set; }

    /// <summary>The next block that has an id or data; null at the end. What is cut off by the end is no block.</summary>
    public async ValueTask<StreamBlock?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (TryTakeLine(out var line))
            {
                if (line.Length > 0)
                    TakeField(line.Span);
                else if (TakeBlock() is { } block)
                    return block;
            }
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
                return null;
        }
    }

    public ValueTask DisposeAsync() => body.DisposeAsync();

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end, _scanned) = (0, _end - _start, _scanned - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    // A line ends with LF, CR or both. A CR ends it at once, since nothing more may come for long; the LF of the pair is skipped then.
    private bool TryTakeLine(out ReadOnlyMemory<byte> line)
    {
        line = default;
        if (_skipsLineFeed && _start < _end)
        {
            _skipsLineFeed = false;
            if (_buffer[_start] == LineFeed)
                _scanned = ++_start;
        }
        var length = _buffer.AsSpan(_scanned, _end - _scanned).IndexOfAny(LineFeed, CarriageReturn);
        if (length < 0)
        {
            _scanned = _end;
            return false;
        }
        var at = _scanned + length;
        line = _buffer.AsMemory(_start, at - _start);
        _skipsLineFeed = _buffer[at] == CarriageReturn;
        _start = _scanned = at + 1;
        if (!_isBegun && line.Span.StartsWith(Encoding.UTF8.Preamble))
            line = line[Encoding.UTF8.Preamble.Length..];
        _isBegun = true;
        return true;
    }

    private void TakeField(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? line : line[..colon];
        var value = colon < 0 ? [] : line[(colon + 1)..];
        if (value is [(byte)' ', ..])
            value = value[1..];
        switch (name)
        {
            case [(byte)'d', (byte)'a', (byte)'t', (byte)'a']:
                if (_hasData)
                    _data.Write([LineFeed]);
                _data.Write(value);
                _hasData = true;
                break;
            case [(byte)'i', (byte)'d'] when !value.Contains((byte)0):
                _id = Encoding.UTF8.GetString(value);
                break;
            case [(byte)'e', (byte)'v', (byte)'e', (byte)'n', (byte)'t']:
                _type = Encoding.UTF8.GetString(value);
                break;
            case [(byte)'r', (byte)'e', (byte)'t', (byte)'r', (byte)'y']
                when value.Length > 0 && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9'):
                var isNumber = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds);
                Retry =
                    isNumber && milliseconds < ReconnectDelay.Longest.TotalMilliseconds
                        ? TimeSpan.FromMilliseconds(milliseconds)
                        : ReconnectDelay.Longest;
                break;
        }
    }

    private StreamBlock? TakeBlock()
    {
        var data = _hasData ? Encoding.UTF8.GetString(_data.WrittenSpan) : null;
        var type = string.IsNullOrEmpty(_type) ? DefaultType : _type;
        StreamBlock? block = _hasData || _id is not null ? new StreamBlock(_id, type, data) : null;
        _data.ResetWrittenCount();
        (_hasData, _id, _type) = (false, null, null);
        return block;
    }
}
