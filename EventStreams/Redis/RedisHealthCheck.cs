using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace EventStreams.Redis;

/// <summary>Whether the connections for publishes and reads reach Redis now.</summary>
internal sealed class RedisHealthCheck(RedisConnections connections) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var slowest = TimeSpan.Zero;
            foreach (var connecting in new[] { connections.CommandsAsync(), connections.ReadsAsync() })
            {
                var took = await (await connecting.WaitAsync(cancellationToken)).GetDatabase().PingAsync().WaitAsync(cancellationToken);
                slowest = took > slowest ? took : slowest;
            }
            return HealthCheckResult.Healthy(data: new Dictionary<string, object> { ["milliseconds"] = slowest.TotalMilliseconds });
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            return new HealthCheckResult(
                context.Registration.FailureStatus,
                "Redis does not answer: streams stay open and wait, and nothing can be published.",
                e
            );
        }
    }
}
