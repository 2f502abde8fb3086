using System.Buffers;
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
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"u8
    );
    private static readonly long LatestTime = UnixMicroseconds(DateTimeOffset.MaxValue);

    /// <summary>The middle of an entry, which the publisher knows before the script gives the offset.</summary>
    public static string Header(string type, DateTimeOffset publishedAt, string? traceParent) =>
        string.Create(CultureInfo.InvariantCulture, $"{type} {UnixMicroseconds(publishedAt)} {traceParent ?? "-"}");

    /// <summary>Reads an entry; null when the bytes are none, since something else writes to the topic's keys or channel.</summary>
    public static StreamEvent? TryParse(ReadOnlyMemory<byte> entry)
    {
        var span = entry.Span;
        var end = span.IndexOf((byte)'\n');
        if (end < 0)
            return null;
        var header = span[..end];
        if (
            !TryTake(ref header, out var idText)
            || !TryTake(ref header, out var type)
            || !TryTake(ref header, out var time)
            || !EventId.TryParse(Encoding.ASCII.GetString(idText), out var id)
            || type.IsEmpty
            || type.ContainsAnyExcept(NameBytes)
            || !Utf8Parser.TryParse(time, out long microseconds, out var used)
            || used != time.Length
            || microseconds < 0
            || microseconds > LatestTime
        )
            return null;
        var traceParent = header is [(byte)'-'] ? null : Encoding.ASCII.GetString(header);
        return new StreamEvent(
            id,
            Encoding.ASCII.GetString(type),
            entry[(end + 1)..],
            DateTimeOffset.UnixEpoch.AddTicks(microseconds * 10),
            traceParent
        );
    }

    public static long UnixMicroseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    private static bool TryTake(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> word)
    {
        var space = rest.IndexOf((byte)' ');
        word = space < 0 ? [] : rest[..space];
        rest = rest[(space + 1)..];
        return space >= 0;
    }
}
