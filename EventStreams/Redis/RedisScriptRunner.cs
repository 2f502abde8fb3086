using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>Runs scripts on the command connection and turns the client's failures into the library's own.</summary>
internal sealed class RedisScriptRunner(RedisConnections connections)
{
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time; a script that writes may or may not have been carried out.</exception>
    public async ValueTask<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var connecting = connections.CommandsAsync();
            var connection = connecting.IsCompletedSuccessfully ? connecting.Result : await connecting.WaitAsync(cancellationToken);
            return await connection.GetDatabase().ScriptEvaluateAsync(script, keys, values);
        }
        catch (Exception e) when (e is RedisConnectionException or RedisTimeoutException)
        {
            throw new EventStreamUnavailableException("Redis could not be reached in time; check that it runs and that the connection string is right.", e);
        }
        catch (RedisServerException e) when (IsPassing(e.Message))
        {
            throw new EventStreamUnavailableException($"Redis cannot take the call now: {e.Message}", e);
        }
    }

    /// <summary>Whether the servers form a cluster, where channels are sharded; as far as it is known yet.</summary>
    public async ValueTask<bool> IsClusterAsync(CancellationToken cancellationToken) =>
        connections.IsCluster(await connections.CommandsAsync().WaitAsync(cancellationToken));

    // States of a server that is starting, failing over or moving slots.
    private static bool IsPassing(string message) =>
        message.StartsWith("LOADING", StringComparison.Ordinal)
        || message.StartsWith("READONLY", StringComparison.Ordinal)
        || message.StartsWith("MASTERDOWN", StringComparison.Ordinal)
        || message.StartsWith("CLUSTERDOWN", StringComparison.Ordinal)
        || message.StartsWith("TRYAGAIN", StringComparison.Ordinal)
        || message.StartsWith("BUSY", StringComparison.Ordinal);
}
