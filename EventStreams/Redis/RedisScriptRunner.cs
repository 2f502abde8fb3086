using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>Runs scripts and turns the client's failures into the library's own.</summary>
internal sealed class RedisScriptRunner(RedisConnections connections, IOptions<EventStreamsOptions> options)
{
    private readonly ConfirmedCalls? _confirmed =
        options.Value.Durability == Durability.Replicated ? new ConfirmedCalls(connections, options.Value) : null;

    // States of a server that is starting, failing over or moving slots, and of one that refuses writes until its memory, its disk or its
    // replicas are right again.
    private static readonly HashSet<string> PassingErrors =
    [
        "LOADING",
        "READONLY",
        "MASTERDOWN",
        "CLUSTERDOWN",
        "TRYAGAIN",
        "BUSY",
        "OOM",
        "MISCONF",
        "NOREPLICAS",
    ];

    /// <inheritdoc cref="RedisConnections.Database"/>
    public int Database => connections.Database;

    /// <summary>Runs a script on the primary, never on a replica: what that one has may be old.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time; a script that writes may or may not have been
    /// carried out.</exception>
    public ValueTask<RedisResult> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken) =>
        RunAsync(script, keys, values, mark: null, cancellationToken);

    /// <summary>Publishes; where the options demand it, the answer comes when replicas have confirmed it.</summary>
    /// <inheritdoc cref="RunAsync(RedisScript, RedisKey[], RedisValue[], CancellationToken)" path="/exception"/>
    public ValueTask<RedisResult> PublishAsync(RedisKey[] keys, RedisValue[] values, RedisKey mark, CancellationToken cancellationToken) =>
        RunAsync(RedisScript.Publish, keys, values, mark, cancellationToken);

    private async ValueTask<RedisResult> RunAsync(
        RedisScript script,
        RedisKey[] keys,
        RedisValue[] values,
        RedisKey? mark,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (_confirmed is not null && mark is { } written)
                return await _confirmed.RunAsync(script, keys, values, written, cancellationToken);
            var connecting =
                script == RedisScript.Read || script == RedisScript.ReadState ? connections.ReadsAsync() : connections.CommandsAsync();
            var connection = connecting.IsCompletedSuccessfully ? connecting.Result : await connecting.WaitAsync(cancellationToken);
            var database = connection.GetDatabase();
            try
            {
                return await database.ScriptEvaluateAsync(script.Hash, keys, values, CommandFlags.DemandMaster);
            }
            catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // A server that has started since, or taken over, learns the script by being given its text. One command, as all calls are:
                // the client keeps those in order.
                return await database.ExecuteAsync("EVAL", Arguments(script.Text, keys, values), CommandFlags.DemandMaster);
            }
        }
        catch (Exception e) when (e is RedisConnectionException or RedisTimeoutException or ObjectDisposedException)
        {
            throw new EventStreamUnavailableException(
                "Redis could not be reached in time; check that it runs and that the connection string is right.",
                e
            );
        }
        catch (RedisServerException e) when (IsPassing(e.Message))
        {
            throw new EventStreamUnavailableException($"Redis cannot take the call now: {e.Message}", e);
        }
    }

    /// <summary>Whether the servers form a cluster, where channels are sharded; as far as it is known yet.</summary>
    public async ValueTask<bool> IsClusterAsync(CancellationToken cancellationToken) =>
        connections.IsCluster(await connections.CommandsAsync().WaitAsync(cancellationToken));

    /// <summary>Whether an error is of a kind that passes by itself.</summary>
    public static bool IsPassing(string message)
    {
        // Up to 6.2, what a command says within a script comes wrapped: "ERR Error running script (call to f_…): @user_script:1:
        // @user_script: 1: -READONLY You can't write …".
        var inside = message.StartsWith("ERR Error running script", StringComparison.Ordinal)
            ? message.IndexOf(": -", StringComparison.Ordinal)
            : -1;
        var error = inside < 0 ? message : message[(inside + 3)..];
        var end = error.IndexOf(' ', StringComparison.Ordinal);
        return PassingErrors.Contains(end < 0 ? error : error[..end]);
    }

    private static object[] Arguments(string script, RedisKey[] keys, RedisValue[] values)
    {
        var arguments = new object[2 + keys.Length + values.Length];
        arguments[0] = script;
        arguments[1] = keys.Length;
        for (var i = 0; i < keys.Length; i++)
            arguments[2 + i] = keys[i];
        for (var i = 0; i < values.Length; i++)
            arguments[2 + keys.Length + i] = values[i];
        return arguments;
    }
}
