namespace EventStreams;

/// <summary>What a publish asks of the log, beside appending.</summary>
public sealed record PublishOptions
{
    /// <summary>No options.</summary>
    public static PublishOptions None { get; } = new();

    /// <summary>
    /// Names the producer for idempotence, together with <see cref="Sequence"/>: 1 to 100 characters. A publish whose sequence number is at
    /// or below the highest that this producer has published in the topic's present log appends nothing and answers <see
    /// cref="PublishOutcome.Duplicate"/>. The number is forgotten with the log, and <see cref="EventStreamsOptions.ProducerTimeToLive"/>
    /// after the producer's last publish.
    /// </summary>
    public string? ProducerId { get; init; }

    /// <summary>
    /// The producer's number of this event, 1 or more, rising; gaps are allowed, and the whole range of 64 bits is exact, so that ticks and
    /// the like will do. In a batch it numbers the first event, and the others count on from it; the next call must begin above the last of
    /// them. An end without events takes the number itself, an end behind events takes none.
    /// </summary>
    public long Sequence { get; init; }

    /// <summary>
    /// Demands that the producer's previous number (<see cref="Sequence"/> − 1) has been published; else nothing is appended, and the
    /// answer is
    /// <see cref="PublishOutcome.OutOfOrder"/>. With it a producer may have several calls in flight: where one fails, none behind it slips
    /// in, which would make the failed one a <see cref="PublishOutcome.Duplicate"/> when it is repeated. Repeat from the first that failed;
    /// the first call of all, or after the log was lost, goes without it.
    /// </summary>
    public bool InSequence { get; init; }

    /// <summary>
    /// A fencing token, 1 or more, exact over 64 bits; 0 for none. The topic remembers the highest it has seen and refuses a publish with a
    /// lower one (<see cref="PublishOutcome.Fenced"/>), so that a worker whose lease was taken over cannot write any more.
    /// </summary>
    public long FencingToken { get; init; }

    /// <summary>Opens a topic that had ended, so that it goes on with the next offset. Without it, publishing to an ended topic answers
    /// <see cref="PublishOutcome.Ended"/>.</summary>
    public bool Reopen { get; init; }

    /// <summary>
    /// Publishes whether or not the topic has ended, and leaves that as it is: behind the end of a topic that has ended come the event and
    /// a new end. A client that comes back with the id of the earlier end gets both; streams that are open go on. Not together with <see
    /// cref="End"/>, and for a batch only of one run.
    /// </summary>
    public bool Amend { get; init; }

    /// <summary>
    /// Removes all earlier events and the state, in the same step: what is published is then all that the topic has. Who had not read them
    /// yet is told by a
    /// <see cref="StreamGap"/> (trimmed). A call that appends
    /// nothing removes nothing. Of several runs of a batch only the first removes.
    /// </summary>
    public bool Clear { get; init; }

    /// <summary>
    /// Ends the topic after the last event of this call, in the same step: a <c>stream.end</c> with an id of its own is appended, streams
    /// close behind it, and a client that comes back with that id is told not to (204), for as long as the topic's position is kept and
    /// nobody opens it again. A call whose numbers have all been published before ends nothing.
    /// </summary>
    public bool End { get; init; }
}
