namespace EventStreams.Bus;

/// <summary>What a subscriber tells its bus. Called on its reading thread: be quick.</summary>
internal interface ISubscriberEvents
{
    /// <summary>The connection is lost, or could not be made; another try follows.</summary>
    void OnDisconnected(RedisSubscriber subscriber);

    /// <summary>The connection is back and every channel is acknowledged: messages were lost meanwhile.</summary>
    void OnRestored(RedisSubscriber subscriber);

    /// <summary>The server no longer has (some of) the channels' slots.</summary>
    void OnSlotMoved(RedisSubscriber subscriber);
}
