using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Web.Fanout.Control;
using Web.Forwarding;

namespace Web.Fanout;

/// <summary>What one fan-out page has of its own: a topic, a producer, extra viewers, and what it knows of the replicas. Lives as long as the page.</summary>
internal sealed class FanoutSession : IAsyncDisposable
{
    private IReadOnlyList<ApiReplica> _replicas = [];

    public FanoutSession(ApiEndpoints endpoints, ViewerLimit limit, IOptions<FanoutOptions> options, TimeProvider time, ISystemControl? control = null)
    {
        Topic = "fanout:" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        Control = control;
        Publisher = new TickPublisher(Topic, endpoints, options, time);
        Crowd = new ViewerCrowd(Topic, endpoints, limit);
    }

    public string Topic { get; }

    public TickPublisher Publisher { get; }

    public ViewerCrowd Crowd { get; }

    /// <summary>What can be broken; null outside Development.</summary>
    public ISystemControl? Control { get; }

    /// <summary>The replicas that are known, by name: from the app's host where it tells, and from the streams that they serve.</summary>
    public IReadOnlyList<ApiReplica> Replicas(IEnumerable<string> seen) =>
    [
        .. _replicas
            .Concat(seen.Distinct().Except(_replicas.Select(replica => replica.Name)).Select(name => new ApiReplica(name, "running")))
            .OrderBy(replica => replica.Name, StringComparer.Ordinal),
    ];

    /// <summary>Asks the app's host for the replicas.</summary>
    /// <exception cref="SystemControlException">It does not answer.</exception>
    public async Task RefreshReplicasAsync(CancellationToken cancellationToken)
    {
        if (Control is not null && await Control.ListAsync(cancellationToken) is { } replicas)
            _replicas = replicas;
    }

    public async ValueTask DisposeAsync()
    {
        await Publisher.DisposeAsync();
        await Crowd.DisposeAsync();
    }
}
