namespace EventStreams.Client;

/// <summary>What a message is.</summary>
public enum StreamMessageKind
{
    /// <summary>An event of the topic.</summary>
    Event,

    /// <summary>A connection was opened, the first or a further one. It belongs to the connection, not to the topic.</summary>
    Open,

    /// <summary>Events cannot be had any more; fetch the state anew where that matters. The stream goes on behind the gap.</summary>
    Gap,

    /// <summary>The topic has ended. Its last message.</summary>
    End,

    /// <summary>A part of the topic's state, where the address asks for it with <c>from=state</c>: before the first event, and behind every
    /// gap.</summary>
    State,
}
