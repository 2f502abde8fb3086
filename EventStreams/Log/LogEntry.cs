using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace EventStreams.Log;

/// <summary>
/// The text form of an event in the log and on the channel: <c>epoch-offset-check type publishedAt traceparent LF payload</c>,
/// with the publisher's clock in Unix microseconds, and <c>-</c> for no traceparent.
/// </summary>
internal static class LogEntry
{
    /// <summary>The middle of an entry, which the publisher knows before the script gives the offset.</summary>
    public static string Header(string type, DateTimeOffset publishedAt, string? traceParent) =>
        string.Create(CultureInfo.InvariantCulture, $"{type} {UnixMicroseconds(publishedAt)} {traceParent ?? "-"}");

    /// <summary>Reads an entry.</summary>
    /// <exception cref="FormatException">These bytes are not an entry: something else writes to the topic's keys or channel.</exception>
    public static StreamEvent Parse(ReadOnlyMemory<byte> entry)
    {
        var span = entry.Span;
        var end = span.IndexOf((byte)'\n');
        if (end < 0)
            throw Malformed();
        var header = span[..end];
        var idText = Take(ref header);
        var type = Take(ref header);
        var time = Take(ref header);
        if (!EventId.TryParse(Encoding.ASCII.GetString(idText), out var id)
            || !Utf8Parser.TryParse(time, out long microseconds, out var used) || used != time.Length || type.IsEmpty)
            throw Malformed();
        var traceParent = header is [(byte)'-'] ? null : Encoding.ASCII.GetString(header);
        return new StreamEvent(id, Encoding.ASCII.GetString(type), entry[(end + 1)..], DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10), traceParent);
    }

    public static long UnixMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        var space = rest.IndexOf((byte)' ');
        if (space < 0)
            throw Malformed();
        var word = rest[..space];
        rest = rest[(space + 1)..];
        return word;
    }

    private static FormatException Malformed() => new("An entry of the event log is malformed: its keys must be written by this library alone.");
}
