using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Web.Forwarding;

namespace Web.Fanout;

/// <summary>What one fan-out page has of its own: a topic, a producer, extra viewers, and what it knows of the replicas. Lives as long as
/// the page.</summary>
internal sealed class FanoutSession : IAsyncDisposable
{
    private readonly ReplicaWatch _replicas;

    public FanoutSession(
        ApiEndpoints endpoints,
        ViewerLimit limit,
        IOptions<FanoutOptions> options,
        TimeProvider time,
        FaultClient? faults = null
    )
    {
        Topic = "fanout:" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        Faults = faults;
        Recoveries = new RecoveryLog(time);
        Latency = new DeliveryLatency(time);
        _replicas = new ReplicaWatch(endpoints, time, asksForRedis: faults is not null);
        Publisher = new TickPublisher(Topic, endpoints, options, Latency, time);
        Crowd = new ViewerCrowd(Topic, endpoints, limit, Recoveries, Latency);
    }

    public string Topic { get; }

    public TickPublisher Publisher { get; }

    public ViewerCrowd Crowd { get; }

    /// <summary>What can be broken; null outside Development.</summary>
    public FaultClient? Faults { get; }

    /// <summary>What broke, and how it recovered.</summary>
    public RecoveryLog Recoveries { get; }

    /// <summary>How long events take.</summary>
    public DeliveryLatency Latency { get; }

    /// <inheritdoc cref="ReplicaWatch.IsRedisUp"/>
    public bool IsRedisUp => _replicas.IsRedisUp;

    /// <inheritdoc cref="ReplicaWatch.Replicas"/>
    public IReadOnlyList<ApiReplica> Replicas(IEnumerable<string> serving) => _replicas.Replicas(serving);

    public async ValueTask DisposeAsync()
    {
        await _replicas.DisposeAsync();
        await Publisher.DisposeAsync();
        await Crowd.DisposeAsync();
    }
}
