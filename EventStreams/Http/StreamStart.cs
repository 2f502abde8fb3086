using EventStreams.Fanout;
using Microsoft.Extensions.Primitives;

namespace EventStreams.Http;

/// <summary>Where a client wants its stream to begin.</summary>
/// <param name="Cursor">The last event that it has; null for none.</param>
/// <param name="IsAtHead">Whether it begins after the newest event.</param>
/// <param name="IsUnknown">Whether it sent something that is not an event id.</param>
/// <param name="Mark">The cursor when it is the place before a log's first event, which can name an event of an earlier life: see <see cref="Resumption.Mark"/>.</param>
internal readonly record struct StreamStart(EventId? Cursor, bool IsAtHead, bool IsUnknown, EventId? Mark = null)
{
    /// <summary>The header wins over the parameter: a browser that reconnects by itself sends the header, and repeats the address as it was.</summary>
    public static StreamStart From(StringValues header, StringValues lastEventId, StringValues from)
    {
        var text = !StringValues.IsNullOrEmpty(header) ? header.ToString() : lastEventId.ToString();
        if (text.Length == 0)
            return new StreamStart(null, from == "head", false);
        if (!EventId.TryParse(text, out var id))
            return new StreamStart(null, IsAtHead: true, IsUnknown: true);
        return new StreamStart(id.IsBeginning() ? null : id, false, false, id.Offset == 0 ? id : null);
    }
}
