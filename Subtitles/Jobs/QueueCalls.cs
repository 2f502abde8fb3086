using EventStreams;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Subtitles.Jobs;

/// <summary>Calls Redis for the queue, within the time limit, and tells apart what may pass.</summary>
internal sealed class QueueCalls(IConnectionMultiplexer connection, IOptions<JobsOptions> options)
{
    private static readonly string[] PassingStates = ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY"];

    private readonly JobsOptions _options = options.Value;

    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken) =>
        RunAsync(database => database.ScriptEvaluateAsync(script, keys, values), cancellationToken);

    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public async Task<T> RunAsync<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(connection.GetDatabase()).WaitAsync(_options.RedisTimeout, cancellationToken);
        }
        catch (Exception failure)
            when (failure is TimeoutException or RedisConnectionException || (failure is RedisServerException && IsPassing(failure.Message))
            )
        {
            throw new EventStreamUnavailableException("The job queue could not reach Redis in time.", failure);
        }
    }

    /// <summary>Whether a server's refusal is one of its states while it starts, fails over or moves slots.</summary>
    private static bool IsPassing(string message) =>
        Array.Exists(PassingStates, state => message.StartsWith(state, StringComparison.Ordinal));
}
