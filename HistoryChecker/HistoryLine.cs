namespace HistoryChecker;

/// <summary>What a line of a history tells.</summary>
public enum HistoryKind
{
    /// <summary>One attempt to publish, written when its outcome is known.</summary>
    Publish,

    /// <summary>A reader's first stream is open: from here on it is owed every event of the topic.</summary>
    Join,

    /// <summary>An event that a reader got.</summary>
    Delivery,

    /// <summary>A notice to a reader that events are gone at this place.</summary>
    Gap,

    /// <summary>A reader has stopped.</summary>
    Leave,
}

/// <summary>How one attempt to publish ended.</summary>
public enum AttemptOutcome
{
    /// <summary>The server said that the event is stored.</summary>
    Acknowledged,

    /// <summary>The server said that it is not.</summary>
    Refused,

    /// <summary>There was no answer, or one that says neither.</summary>
    Unknown,
}

/// <summary>One line of a history. The README of this project describes the format.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Topic">The topic.</param>
/// <param name="At">Microseconds by one clock for the whole file. Of an attempt: its begin.</param>
public sealed record HistoryLine(HistoryKind Kind, string Topic, long At)
{
    /// <summary>Of an attempt: its end.</summary>
    public long? Ended { get; init; }

    /// <summary>Of all but attempts: who.</summary>
    public string? Reader { get; init; }

    /// <summary>Of attempts and deliveries: what the publisher sent. Attempts with the same content and topic are repeats of one
    /// publish.</summary>
    public string? Content { get; init; }

    /// <summary>The event's id: of deliveries, and of attempts that were acknowledged. A system without ids leaves it out.</summary>
    public string? Id { get; init; }

    /// <summary>Of attempts.</summary>
    public AttemptOutcome? Outcome { get; init; }

    /// <summary>Of gaps: what the notice says.</summary>
    public string? Reason { get; init; }

    /// <summary>Of leaves: whether the reader had the time to get everything that was published.</summary>
    public bool? Complete { get; init; }
}
