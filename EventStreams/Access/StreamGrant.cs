namespace EventStreams.Access;

/// <summary>That a stream may be served, and until when. Looked at when the stream begins, whenever something is revoked, and by each round
/// of maintenance: no stream has a timer of its own.</summary>
internal sealed class StreamGrant(Revocations revocations, Topic topic, string? subject, long issuedAt, long expiresAt)
{
    /// <summary>Who follows, where that is known.</summary>
    public string? Subject => subject;

    /// <summary>Whether the stream must end now.</summary>
    /// <param name="now"><see cref="Environment.TickCount64"/>.</param>
    public GrantVerdict Verdict(long now) =>
        now >= expiresAt ? GrantVerdict.Expired
        : revocations.Refuse(topic, subject, issuedAt) ? GrantVerdict.Revoked
        : GrantVerdict.Valid;
}

/// <summary>What has become of a grant.</summary>
internal enum GrantVerdict
{
    /// <summary>It holds.</summary>
    Valid,

    /// <summary>The credential has expired.</summary>
    Expired,

    /// <summary>The topic, or whoever follows it, was revoked.</summary>
    Revoked,
}
