using Aspire.Hosting.ApplicationModel;
using LocalHosting.Orchestration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace LocalHosting.Redis;

/// <summary>Asks a Redis server for an answer, as its clients would: a server that still loads its data is not healthy.</summary>
internal sealed class RedisPing(RedisResource redis) : IReplicaCheck, IDisposable
{
    private ConnectionMultiplexer? _connection;

    public string Name => NameFor(redis);

    public static string NameFor(IResource resource) => $"{resource.Name}_check";

    public async Task<(HealthStatus Status, string? Description)> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            _connection ??= await ConnectAsync(cancellationToken).ConfigureAwait(false);
            await _connection.GetDatabase().PingAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            return (HealthStatus.Healthy, null);
        }
        catch (RedisException e)
        {
            // A new connection next time finds a restarted server sooner than this one's own pace of reconnecting.
            Dispose();
            return (HealthStatus.Unhealthy, e.Message);
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        var options = ConfigurationOptions.Parse((await ((IResourceWithConnectionString)redis).GetConnectionStringAsync(cancellationToken).ConfigureAwait(false))!);
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = 2_000;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName = "aspiresse-health";
        return await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false);
    }
}
