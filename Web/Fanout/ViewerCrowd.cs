using Web.Forwarding;

namespace Web.Fanout;

/// <summary>The extra viewers of one page. A browser allows six connections to an origin, so these are held by the server, each on a
/// connection of its own.</summary>
internal sealed class ViewerCrowd(string topic, ApiEndpoints endpoints, ViewerLimit limit, RecoveryLog recoveries, DeliveryLatency latency)
    : IAsyncDisposable
{
    // A picture that falls this far behind shows less; the counters do not depend on it.
    private const int MaxPairs = 4_000;

    private readonly Lock _lock = new();
    private readonly List<Viewer> _viewers = [];
    private readonly HashSet<Viewer> _changed = [];
    private readonly List<long> _deliveries = [];
    private bool _isResized;

    /// <summary>All viewers as they are now, in the order of their numbers.</summary>
    public IReadOnlyList<ViewerReport> Reports
    {
        get
        {
            lock (_lock)
                return [.. _viewers.Select(viewer => viewer.Report)];
        }
    }

    /// <summary>Makes it so many viewers, or as many as the server has room for.</summary>
    public async Task ResizeAsync(int count)
    {
        List<Viewer> gone = [];
        lock (_lock)
        {
            while (_viewers.Count < count && limit.TryTake())
                _viewers.Add(new Viewer(_viewers.Count + 1, topic, endpoints, Note));
            while (_viewers.Count > count)
            {
                gone.Add(_viewers[^1]);
                _changed.Remove(_viewers[^1]);
                _viewers.RemoveAt(_viewers.Count - 1);
            }
            _isResized = true;
        }
        foreach (var viewer in gone)
        {
            await viewer.DisposeAsync();
            recoveries.Forget(viewer.Report.Id);
            limit.GiveBack();
        }
    }

    /// <summary>Cuts one viewer's connection.</summary>
    /// <param name="id">Its number; null for any that is connected.</param>
    public void Drop(int? id)
    {
        Viewer[] candidates;
        lock (_lock)
            candidates = [.. _viewers.Where(viewer => id is null ? viewer.Report.IsOpen : viewer.Report.Id == id)];
        if (candidates.Length > 0)
            candidates[Random.Shared.Next(candidates.Length)].Drop();
    }

    /// <summary>What happened since the last call; null for nothing.</summary>
    public FanoutBatch? TakeBatch(IReadOnlyList<long> published)
    {
        lock (_lock)
        {
            if (_changed.Count == 0 && !_isResized && published.Count == 0)
                return null;
            var batch = new FanoutBatch(published, [.. _deliveries], [.. _changed.Select(viewer => viewer.Report)], _viewers.Count);
            _changed.Clear();
            _deliveries.Clear();
            _isResized = false;
            return batch;
        }
    }

    public async ValueTask DisposeAsync() => await ResizeAsync(0);

    private void Note(Viewer viewer, ViewerReport before, long? number)
    {
        recoveries.Observe(before, viewer.Report);
        if (number is { } delivered)
            latency.Delivered(delivered);
        lock (_lock)
        {
            _changed.Add(viewer);
            if (number is { } n && _deliveries.Count < 2 * MaxPairs)
                _deliveries.AddRange([n, viewer.Report.Id]);
        }
    }
}
