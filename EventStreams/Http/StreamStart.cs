using EventStreams.Fanout;
using EventStreams.Wire;
using Microsoft.Extensions.Primitives;

namespace EventStreams.Http;

/// <summary>Where a client wants its stream to begin.</summary>
/// <param name="Cursor">The last event that it has; null for none.</param>
/// <param name="IsAtHead">Whether it begins after the newest event.</param>
/// <param name="IsUnknown">Whether it sent something that is not an event id.</param>
/// <param name="BeginningCursor">The cursor when it is the place before a log's first event, which can name an event of an earlier epoch:
/// see <see cref="Resumption.ResumeCursor"/>.</param>
/// <param name="FollowsState">Whether it is given the topic's state at the beginning and behind every gap.</param>
/// <param name="State">The place in the state where it goes on; null when it has all of it.</param>
internal readonly record struct StreamStart(
    EventId? Cursor,
    bool IsAtHead,
    bool IsUnknown,
    EventId? BeginningCursor = null,
    bool FollowsState = false,
    StateCursor? State = null
)
{
    /// <summary>The header wins over the parameter: a browser that reconnects by itself sends the header, and repeats the address as it
    /// was.</summary>
    public static StreamStart From(StringValues header, StringValues lastEventId, StringValues from)
    {
        var text = CursorText(header, lastEventId);
        if (StateCursorText.TryParse(text, out var place))
            return OfState(place.IsStart() ? StateCursorText.Start : place);
        if (from == "state" && text.Length == 0)
            return OfState(StateCursorText.Start);
        var start =
            text.Length == 0 ? Fresh(from)
            : CursorSet.TryDecode(text, out var id) ? After(id)
            : Unknown;
        return from == "state" ? start with { FollowsState = true, State = start.IsUnknown ? StateCursorText.Start : null } : start;
    }

    /// <summary>Where the topics of a stream over several begin, in the order of the request.</summary>
    public static StreamStart[] ForEach(int topics, StringValues header, StringValues lastEventId, StringValues from)
    {
        var starts = new StreamStart[topics];
        var text = CursorText(header, lastEventId);
        var cursors = text.Length == 0 ? null : CursorSet.Split(text, topics);
        for (var i = 0; i < topics; i++)
        {
            starts[i] =
                text.Length == 0 || cursors?[i].Length == 0 ? Fresh(from)
                : cursors is not null && CursorSet.TryDecode(cursors[i], out var id) ? After(id)
                : Unknown;
        }
        return starts;
    }

    private static StreamStart OfState(StateCursor place) => new(null, false, false, FollowsState: true, State: place);

    private static StreamStart Unknown => new(null, IsAtHead: true, IsUnknown: true);

    private static StreamStart Fresh(StringValues from) => new(null, from == "head", false);

    private static StreamStart After(EventId id) => new(id.IsBeginning() ? null : id, false, false, id.Offset == 0 ? id : null);

    private static string CursorText(StringValues header, StringValues lastEventId) =>
        !StringValues.IsNullOrEmpty(header) ? header.ToString() : lastEventId.ToString();
}
