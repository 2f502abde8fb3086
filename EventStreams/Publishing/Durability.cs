namespace EventStreams;

/// <summary>When a publish is acknowledged.</summary>
public enum Durability
{
    /// <summary>When the primary has it: as durable as that server is set up to be, and lost by a failover to a copy that had not got it
    /// yet.</summary>
    Default,

    /// <summary>
    /// When <see cref="EventStreamsOptions.ConfirmingReplicas"/> of its replicas have it as well (<c>WAIT</c>). A publish that they do not
    /// confirm within
    /// <see cref="EventStreamsOptions.ConfirmationTimeout"/> ends with <see cref="EventStreamUnavailableException"/>: its outcome is
    /// unknown, and it is repeated with the same producer and number as any other.
    /// </summary>
    Replicated,
}
