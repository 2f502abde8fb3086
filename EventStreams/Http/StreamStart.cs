using Microsoft.Extensions.Primitives;

namespace EventStreams.Http;

/// <summary>Where a client wants its stream to begin.</summary>
/// <param name="Cursor">The last event that it has; null for none.</param>
/// <param name="IsAtHead">Whether it begins after the newest event.</param>
/// <param name="IsUnknown">Whether it sent something that is not an event id.</param>
internal readonly record struct StreamStart(EventId? Cursor, bool IsAtHead, bool IsUnknown)
{
    /// <summary>The header wins over the parameter: a browser that reconnects by itself sends the header, and repeats the address as it was.</summary>
    public static StreamStart From(StringValues header, StringValues lastEventId, StringValues from)
    {
        var text = !StringValues.IsNullOrEmpty(header) ? header.ToString() : lastEventId.ToString();
        if (text.Length == 0)
            return new StreamStart(null, from == "head", false);
        if (!EventId.TryParse(text, out var id))
            return new StreamStart(null, IsAtHead: true, IsUnknown: true);
        return new StreamStart(id == Fanout.Resumption.Beginning ? null : id, false, false);
    }
}
