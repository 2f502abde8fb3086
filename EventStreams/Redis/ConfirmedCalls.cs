using System.Globalization;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>
/// Runs scripts that count only when replicas of the primary have what was written. <c>WAIT</c> vouches for the writes of its own
/// connection, and holds up what is behind it there, so these calls have a connection of their own.
/// </summary>
internal sealed class ConfirmedCalls(RedisConnections connections, EventStreamsOptions options)
{
    private const CommandFlags Flags = CommandFlags.DemandMaster | CommandFlags.NoRedirect;
    private static readonly TimeSpan MarkTimeToLive = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();

    /// <summary>Runs a script that writes, and returns its answer once it is confirmed.</summary>
    /// <exception cref="EventStreamUnavailableException">It was not confirmed; it may or may not have been carried out.</exception>
    public async ValueTask<RedisResult> RunAsync(
        RedisScript script,
        RedisKey[] keys,
        RedisValue[] values,
        RedisKey mark,
        CancellationToken cancellationToken
    )
    {
        var connection = await connections.ConfirmedAsync().WaitAsync(cancellationToken);
        try
        {
            return await SendAsync(connection, "EVALSHA", script.HashText, keys, values, mark);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await SendAsync(connection, "EVAL", script.Text, keys, values, mark);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("MOVED", StringComparison.Ordinal))
        {
            // Not carried out: the slot has another primary now, which has to be found first.
            await connection.GetDatabase().KeyExistsAsync(mark, CommandFlags.DemandMaster);
            return await SendAsync(connection, "EVALSHA", script.HashText, keys, values, mark);
        }
    }

    // All on one server and, as the name of the connection proves, on one connection: it is given before and asked for at the end, and one
    // that broke and was made again meanwhile has another. Otherwise a WAIT could vouch for a connection that has written nothing.
    private async Task<RedisResult> SendAsync(
        IConnectionMultiplexer connection,
        string command,
        string script,
        RedisKey[] keys,
        RedisValue[] values,
        RedisKey mark
    )
    {
        var name = "eventstreams-" + Guid.NewGuid().ToString("N");
        Task<RedisResult> named,
            answering,
            marking,
            waiting,
            asking;
        lock (_gate)
        {
            var server = PrimaryOf(connection, mark);
            named = Send("CLIENT", ["SETNAME", name]);
            answering = Send(command, [script, keys.Length, .. keys.Select(key => (object)key), .. values.Select(value => (object)value)]);
            // A repeat that finds its event stored writes nothing itself. Replicas have everything before a write that they have.
            marking = Send("SET", [mark, "", "PX", (long)MarkTimeToLive.TotalMilliseconds]);
            waiting = Send("WAIT", [options.ConfirmingReplicas, (long)options.ConfirmationTimeout.TotalMilliseconds]);
            asking = Send("CLIENT", ["GETNAME"]);

            Task<RedisResult> Send(string text, object[] arguments) => server.ExecuteAsync(connections.Database, text, arguments, Flags);
        }
        // Whatever the others say, the script's own error tells what to do.
        await ((Task)Task.WhenAll(named, answering, marking, waiting, asking)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var answer = await answering;
        await Task.WhenAll(named, marking, waiting, asking);
        if ((string?)await asking != name)
            throw new EventStreamUnavailableException(
                "The connection broke before replicas of Redis had confirmed the publish; repeat it."
            );
        var confirmed = (int)await waiting;
        return confirmed >= options.ConfirmingReplicas
            ? answer
            : throw new EventStreamUnavailableException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{confirmed} of {options.ConfirmingReplicas} replicas of Redis have confirmed the publish within "
                        + $"{options.ConfirmationTimeout.TotalSeconds:0.###} s (EventStreams:ConfirmingReplicas); repeat it."
                )
            );
    }

    private static IServer PrimaryOf(IConnectionMultiplexer connection, RedisKey key)
    {
        try
        {
            return connection.GetServer(key, flags: CommandFlags.DemandMaster);
        }
        catch (InvalidOperationException e)
        {
            throw new EventStreamUnavailableException("There is no primary of Redis at the moment; repeat the publish.", e);
        }
    }
}
