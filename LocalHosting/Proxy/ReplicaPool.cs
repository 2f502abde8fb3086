using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace LocalHosting.Proxy;

/// <summary>The replicas behind one endpoint that are ready for connections.</summary>
internal sealed class ReplicaPool
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IPEndPoint> _ready = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Add(string replica, IPEndPoint address)
    {
        lock (_lock)
        {
            _ready[replica] = address;
            Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    public void Remove(string replica)
    {
        lock (_lock)
        {
            _ready.Remove(replica);
        }
    }

    /// <summary>A ready replica by chance; null when there is none but those that were tried. The task ends when another becomes ready.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "Load is spread, not kept secret.")]
    public (IPEndPoint? Address, Task Changed) Pick(IReadOnlySet<IPEndPoint> tried)
    {
        lock (_lock)
        {
            IPEndPoint[] open = [.. _ready.Values.Where(a => !tried.Contains(a))];
            return (open.Length == 0 ? null : open[Random.Shared.Next(open.Length)], _changed.Task);
        }
    }
}
