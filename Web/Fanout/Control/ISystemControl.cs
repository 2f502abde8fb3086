namespace Web.Fanout.Control;

/// <summary>What the fan-out page can do to the system around it, in Development.</summary>
internal interface ISystemControl
{
    /// <summary>What it does when Redis is to be restarted, for the button.</summary>
    string RedisCommand { get; }

    /// <summary>The replicas of the Api; null where nobody knows them but by the streams that they serve.</summary>
    /// <exception cref="SystemControlException">They could not be asked for.</exception>
    Task<IReadOnlyList<ApiReplica>?> ListAsync(CancellationToken cancellationToken);

    /// <summary>Stops a replica of the Api, in the orderly way.</summary>
    /// <exception cref="SystemControlException">It was not possible; the message says why.</exception>
    Task StopAsync(string replica, CancellationToken cancellationToken);

    /// <summary>Starts a replica that was stopped.</summary>
    /// <exception cref="SystemControlException">It was not possible; the message says why.</exception>
    Task StartAsync(string replica, CancellationToken cancellationToken);

    /// <summary>Restarts Redis, or comes as near to it as can be.</summary>
    /// <exception cref="SystemControlException">It was not possible; the message says why.</exception>
    Task RestartRedisAsync(CancellationToken cancellationToken);
}

/// <summary>A replica of the Api, by the name that it goes by on its streams.</summary>
/// <param name="State"><c>running</c>, <c>starting</c>, <c>stopping</c> or <c>stopped</c>.</param>
internal sealed record ApiReplica(string Name, string State);

/// <summary>A command could not be carried out; the message is a sentence for people.</summary>
internal sealed class SystemControlException(string message, Exception? inner = null) : Exception(message, inner);
