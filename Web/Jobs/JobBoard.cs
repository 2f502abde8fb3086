using EventStreams.Client;
using Web.Forwarding;

namespace Web.Jobs;

/// <summary>
/// A page of a visitor's jobs and their live state, for all windows that show it: read once for all, and only while somebody looks. The
/// list is read every two seconds, which finds new jobs; those of the newest that are not over are followed on their event streams, so that
/// what happens to them shows at once.
/// </summary>
internal sealed partial class JobBoard(
    JobsQuery query,
    Func<JobsClient> jobs,
    ApiStreams streams,
    TimeProvider time,
    ILogger<JobBoard> logger
) : IAsyncDisposable
{
    /// <summary>Streams held at the same time; jobs beyond them, and those of other pages, are as fresh as the list.</summary>
    private readonly int _maxFollowed = query == JobsQuery.Newest ? 30 : 0;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly List<Action> _watchers = [];
    private readonly Dictionary<string, Following> _followed = [];
    private CancellationTokenSource? _stop;
    private Task _work = Task.CompletedTask;
    private Dictionary<string, JobSummary> _byId = [];
    private IReadOnlyList<string>? _order;
    private string? _next;
    private bool _isReachable = true;
    private int _refreshes;

    /// <summary>The jobs as they are now, newest first; null when none has been read yet.</summary>
    public JobsPage? Page
    {
        get
        {
            lock (_lock)
                return _order is null ? null : new JobsPage([.. _order.Select(id => _byId[id])], _next);
        }
    }

    /// <summary>Whether somebody looks at it.</summary>
    public bool IsWatched
    {
        get
        {
            lock (_lock)
                return _watchers.Count > 0;
        }
    }

    /// <summary>Whether the Api answered when it was asked last.</summary>
    public bool IsReachable
    {
        get
        {
            lock (_lock)
                return _isReachable;
        }
    }

    /// <summary>Calls back, on any thread, whenever something changed, until the result is disposed.</summary>
    public IDisposable Watch(Action changed)
    {
        lock (_lock)
        {
            _watchers.Add(changed);
            if (_watchers.Count == 1)
            {
                _stop = new CancellationTokenSource();
                // What an earlier visitor saw may be long out of date.
                _order = null;
                _work = KeepAsync(_work, _stop.Token);
            }
        }
        return new Watching(this, changed);
    }

    /// <summary>Reads the list at once, for example after a command.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        int began;
        lock (_lock)
            began = ++_refreshes;
        var list = await jobs().ListAsync(query, cancellationToken);
        lock (_lock)
        {
            _isReachable = list is not null;
            if (list is not null)
                Take(list, began);
        }
        Tell();
    }

    public async ValueTask DisposeAsync()
    {
        Task work;
        lock (_lock)
        {
            _watchers.Clear();
            _ = _stop?.CancelAsync();
            work = _work;
        }
        await work;
    }

    private void Take(JobsPage page, int began)
    {
        // What a stream told while the list was on its way is newer than the list.
        _byId = page.Jobs.ToDictionary(
            job => job.Id,
            job => _followed.TryGetValue(job.Id, out var f) && f.ToldAt >= began ? _byId.GetValueOrDefault(job.Id, job) : job
        );
        _order = [.. page.Jobs.Select(job => job.Id)];
        _next = page.Next;
        foreach (var (id, following) in _followed)
        {
            if (_byId.GetValueOrDefault(id) is null or { IsOver: true })
                _ = following.Stop.CancelAsync();
        }
        foreach (var id in _order.Where(id => !_byId[id].IsOver && !_followed.ContainsKey(id)).Take(_maxFollowed - _followed.Count))
        {
            var following = new Following(
                CancellationTokenSource.CreateLinkedTokenSource(_stop?.Token ?? new CancellationToken(canceled: true))
            );
            _followed.Add(id, following);
            following.Work = FollowAsync(id, following);
        }
    }

    private async Task KeepAsync(Task before, CancellationToken stop)
    {
        await before;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            do await RefreshAsync(stop);
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        Task[] rest;
        lock (_lock)
            rest = [.. _followed.Values.Select(f => f.Work)];
        await Task.WhenAll(rest);
    }

    private async Task FollowAsync(string id, Following following)
    {
        // Not under the caller's lock.
        await Task.Yield();
        try
        {
            // What happened before is in the list already.
            var address = new Uri($"jobs/{Uri.EscapeDataString(id)}/events?from=head&presence=0", UriKind.Relative);
            await foreach (var message in streams.CreateClient().FollowAsync(address, cancellationToken: following.Stop.Token))
            {
                if (TryApply(id, following, message))
                    Tell();
            }
        }
        catch (OperationCanceledException) when (following.Stop.IsCancellationRequested)
        {
            // The job is over, or nobody looks any more.
        }
        catch (Exception e) when (e is EventStreamRefusedException or InvalidDataException)
        {
            LogNotFollowed(id, e.Message);
        }
        finally
        {
            lock (_lock)
                _followed.Remove(id);
            following.Stop.Dispose();
        }
    }

    private bool TryApply(string id, Following following, StreamMessage message)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue(id, out var job))
                return false;
            var next = JobEvent.Apply(job, message);
            if (ReferenceEquals(next, job))
                return false;
            _byId[id] = next;
            following.ToldAt = _refreshes;
            return true;
        }
    }

    private void Tell()
    {
        Action[] watchers;
        lock (_lock)
            watchers = [.. _watchers];
        foreach (var watcher in watchers)
            watcher();
    }

    private void Leave(Action watcher)
    {
        lock (_lock)
        {
            if (_watchers.Remove(watcher) && _watchers.Count == 0)
                _ = _stop?.CancelAsync();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Job {JobId} is not followed live any more. {Reason}")]
    private partial void LogNotFollowed(string jobId, string reason);

    private sealed class Following(CancellationTokenSource stop)
    {
        public CancellationTokenSource Stop => stop;

        public Task Work { get; set; } = Task.CompletedTask;

        /// <summary>The reading of the list that was the newest when the stream told something last.</summary>
        public int ToldAt { get; set; }
    }

    private sealed class Watching(JobBoard board, Action changed) : IDisposable
    {
        public void Dispose() => board.Leave(changed);
    }
}
