using System.Globalization;
using System.Text.Json;
using EventStreams.Fanout;
using EventStreams.Wire;

namespace EventStreams.Http;

/// <summary>A page of a topic's history.</summary>
/// <param name="Json">The page.</param>
/// <param name="Tag">Its entity tag, in quotes.</param>
/// <param name="IsFinal">Whether the same request is answered with the same page forever.</param>
internal sealed record HistoryPage(byte[] Json, string Tag, bool IsFinal);

/// <summary>Reads pages of history. About gaps it decides as for a stream that begins at the same place.</summary>
internal sealed class HistoryReader(IEventLog log, EventStreamsOptions options)
{
    /// <summary>Reads a page.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public Task<HistoryPage> ReadAsync(HistoryRequest request) =>
        request switch
        {
            { IsBefore: false } => ReadAfterAsync(request),
            { Cursor: { } cursor } => ReadBeforeAsync(request, cursor),
            _ => ReadNewestAsync(request),
        };

    private async Task<HistoryPage> ReadAfterAsync(HistoryRequest request)
    {
        var page = await log.ReadAsync(request.Topic, request.Cursor?.Offset ?? 0, request.Limit);
        var start = Resumption.Resolve(request.Cursor, page.Position, page.Before);
        // Where the cursor does not count any more, the page behind it is not the one that follows.
        if (start.StartAfter is { } after && after.Offset != (request.Cursor?.Offset ?? 0))
            page = await log.ReadAsync(request.Topic, after.Offset, request.Limit);
        var gap = start.GapReason is { } reason ? GapOf(request.Topic, reason, start.MissedFrom, start.MissedTo, start.StartAfter) : null;
        var isAtEnd = page.Events is [.., var last] ? last.Id.Offset == page.Position.End?.Offset : true;
        var isFull = !isAtEnd && (page.Events.Count == request.Limit || page.Events[^1].Id.Offset < page.Position.Tail?.Offset);
        return Encode(
            request,
            page,
            gap,
            start.StartAfter ?? request.Cursor,
            hasNext: isFull,
            isFinal: isFull && gap is null && request.Cursor is not null
        );
    }

    private async Task<HistoryPage> ReadBeforeAsync(HistoryRequest request, EventId cursor)
    {
        // With the event at the cursor, which proves that it belongs to this log.
        var page = await log.ReadBeforeAsync(request.Topic, Math.Min(cursor.Offset, long.MaxValue - 1) + 1, request.Limit + 1);
        var position = page.Position;
        if (Refute(cursor, page) is { } reason)
            return Encode(
                request,
                page with
                {
                    Events = [],
                },
                GapOf(request.Topic, reason, null, null, position.Tail),
                position.Tail,
                hasNext: false,
                isFinal: false
            );
        var events = page.Events;
        if (events is [.., var at] && at.Id.Offset == cursor.Offset)
            events = [.. events.SkipLast(1)];
        if (events.Count == 0 && cursor.Offset > position.FirstOffset)
            events = (await log.ReadBeforeAsync(request.Topic, cursor.Offset, request.Limit)).Events;
        var first = events.Count > 0 ? events[0].Id.Offset : cursor.Offset;
        // Less than was asked for, though not all: the rest has been trimmed.
        var isCut = first > 1 && first <= position.FirstOffset && events.Count < request.Limit;
        var gap = isCut ? GapOf(request.Topic, StreamGap.Trimmed, 1, first - 1, new EventId(cursor.Epoch, first - 1)) : null;
        return Encode(
            request,
            page with
            {
                Events = events,
            },
            gap,
            cursor,
            hasNext: events.Count > 0,
            isFinal: gap is null && events.Count > 0
        );
    }

    // Pages begin at multiples of the limit, so that everybody who goes back from here asks for the same ones.
    private async Task<HistoryPage> ReadNewestAsync(HistoryRequest request)
    {
        var page = await log.ReadTailAsync(request.Topic, request.Limit);
        if (page.Position.Tail is { } tail)
        {
            var start = (tail.Offset - 1) / request.Limit * request.Limit;
            page = page with { Events = [.. page.Events.Where(e => e.Id.Offset > start)] };
        }
        return Encode(request, page, gap: null, page.Position.Tail, hasNext: false, isFinal: false);
    }

    // Why what is before a cursor cannot be told; null where it can.
    private static string? Refute(EventId cursor, LogPage page)
    {
        if (page.Position.Tail is not { } tail || tail.Epoch != cursor.Epoch)
            return StreamGap.Epoch;
        if (cursor.Offset > tail.Offset)
            return StreamGap.Future;
        var at =
            page.Events is [.., var last] && last.Id.Offset == cursor.Offset ? last.Id
            : cursor.Offset == tail.Offset ? tail
            : (EventId?)null;
        return at is { } there && !there.IsSameEventAs(cursor) ? StreamGap.Epoch : null;
    }

    private StreamGap GapOf(Topic topic, string reason, long? from, long? to, EventId? goesOnAfter) =>
        new(reason, from, to, Resumption.CursorText(goesOnAfter), options.SnapshotUrl?.Invoke(topic), topic.Name);

    /// <param name="request">What was asked for.</param>
    /// <param name="page">What there is.</param>
    /// <param name="gap">What there is not.</param>
    /// <param name="cursor">Where a stream goes on if the page is empty.</param>
    /// <param name="hasNext">Whether another page follows.</param>
    /// <param name="isFinal">Whether nothing can change the page, as far as its place goes.</param>
    private static HistoryPage Encode(HistoryRequest request, LogPage page, StreamGap? gap, EventId? cursor, bool hasNext, bool isFinal)
    {
        var events = page.Events;
        var last = events.Count > 0 ? events[^1].Id : cursor;
        var json = EventJson.Object(json =>
        {
            json.WriteString("topic"u8, request.Topic.Name);
            json.WriteStartArray("events"u8);
            foreach (var e in events)
            {
                var isPassed = e.Type == StreamEventTypes.End && page.Position.End?.Offset != e.Id.Offset;
                json.WriteStartObject();
                EventJson.WriteFields(json, e.Id, isPassed ? StreamEventTypes.Reopened : e.Type, e.Payload);
                json.WriteString("publishedAt"u8, e.PublishedAt.UtcDateTime);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("cursor"u8, Resumption.CursorText(last));
            if (gap is not null)
            {
                json.WritePropertyName("gap"u8);
                JsonSerializer.Serialize(json, gap, JsonSerializerOptions.Web);
            }
            // Relative to the page's own address, wherever the app has mapped it.
            if (hasNext)
                json.WriteString("next"u8, Link("after", last!.Value, request.Limit));
            if (events.Count > 0 && events[0].Id.Offset > 1)
                json.WriteString("previous"u8, Link("before", events[0].Id, request.Limit));
        });
        var tag = string.Create(
            CultureInfo.InvariantCulture,
            $"\"{Resumption.CursorText(last)}.{events.Count}.{(hasNext ? 1 : 0)}.{gap?.Reason}{gap?.From}-{gap?.To}\""
        );
        // What stands for an entry that cannot be read may be put right.
        return new HistoryPage(json, tag, isFinal && !events.Any(e => e.Type == StreamEventTypes.Gap));
    }

    private static string Link(string parameter, EventId id, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"?{parameter}={id}&limit={limit}");
}
