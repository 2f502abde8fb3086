namespace EventStreams;

/// <summary>How a publish ended.</summary>
public enum PublishOutcome
{
    /// <summary>The event was appended.</summary>
    Published,

    /// <summary>The producer had published this sequence number before; nothing was appended.</summary>
    Duplicate,

    /// <summary>A higher fencing token has been seen; nothing was appended. The caller has lost its lease and should stop.</summary>
    Fenced,

    /// <summary>The topic has ended; nothing was appended.</summary>
    Ended,

    /// <summary>The producer's previous number has not been published, which the call demanded (<see cref="PublishOptions.InSequence"/>);
    /// nothing was appended.</summary>
    OutOfOrder,
}

/// <summary>The answer to a publish.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Id">
/// The event's id. For <see cref="PublishOutcome.Duplicate"/> the id of the producer's newest event, which is the event in question when
/// the sequence number is the newest; for <see cref="PublishOutcome.Ended"/> the id of <c>stream.end</c>; for <see
/// cref="PublishOutcome.Fenced"/>
/// and <see cref="PublishOutcome.OutOfOrder"/> the log's newest id.
/// </param>
public readonly record struct PublishResult(PublishOutcome Outcome, EventId Id)
{
    /// <summary>Whether the event is in the log now: published by this call or, as a duplicate, by an earlier one.</summary>
    public bool IsStored => Outcome is PublishOutcome.Published or PublishOutcome.Duplicate;
}
