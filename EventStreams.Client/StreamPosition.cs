using System.Globalization;

namespace EventStreams.Client;

/// <summary>What an event's id says of its place behind the last one.</summary>
internal enum Place
{
    /// <summary>It follows, as far as can be told.</summary>
    Next,

    /// <summary>It has been here before.</summary>
    Seen,

    /// <summary>Something between is missing.</summary>
    AfterMissed,
}

/// <summary>
/// Where a stream stands. Ids of the form <c>epoch-offset</c> or <c>epoch-offset-check</c> count the events of one epoch of a log without
/// gaps, and are judged by it; others are kept and sent back as they are.
/// </summary>
internal sealed class StreamPosition
{
    // The place before the first event of a log that does not exist yet; what its epoch will be is not known.
    private const string NoEpoch = "0";

    private string? _epoch;
    private long _offset;

    public StreamPosition(string? lastEventId) => MoveTo(lastEventId);

    /// <summary>What the next connection resumes after; null for the beginning.</summary>
    public string? LastEventId { get; private set; }

    /// <summary>Stands behind this id from now on, wherever it was before.</summary>
    public void MoveTo(string? id)
    {
        LastEventId = string.IsNullOrEmpty(id) ? null : id;
        _epoch = TryParse(id, out var epoch, out _offset) ? epoch : null;
    }

    /// <summary>Judges an event, and moves behind it unless it was seen before.</summary>
    /// <param name="id">Its id; null where it has none, which leaves the position as it is.</param>
    public Place Advance(string? id)
    {
        if (id is null)
            return Place.Next;
        var place = Judge(id);
        if (place != Place.Seen)
            MoveTo(id);
        return place;
    }

    private Place Judge(string id)
    {
        if (_epoch is null || !TryParse(id, out var epoch, out var offset))
            return Place.Next;
        if (_epoch == NoEpoch)
            return offset == _offset + 1 ? Place.Next : Place.AfterMissed;
        if (epoch != _epoch)
            return Place.AfterMissed;
        return offset <= _offset ? Place.Seen
            : offset == _offset + 1 ? Place.Next
            : Place.AfterMissed;
    }

    private static bool TryParse(string? id, out string epoch, out long offset)
    {
        epoch = "";
        offset = 0;
        if (
            id?.Split('-') is not [{ Length: > 0 } first, var second, .. { Length: < 2 }]
            || !long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out offset)
        )
            return false;
        epoch = first;
        return true;
    }
}
