using Web.Forwarding;

namespace Web.Jobs;

/// <summary>One <see cref="JobBoard"/> for each page of jobs that somebody looks at. Thread-safe.</summary>
internal sealed class JobBoards(Func<JobsClient> jobs, ApiStreams streams, TimeProvider time, ILogger<JobBoard> logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<JobsQuery, JobBoard> _boards = [];

    /// <summary>Calls back, on any thread, whenever something changed on a page, until <paramref name="watching"/> is disposed.</summary>
    public JobBoard Watch(JobsQuery query, Action changed, out IDisposable watching)
    {
        lock (_lock)
        {
            if (!_boards.TryGetValue(query, out var board))
                _boards.Add(query, board = new JobBoard(query, jobs, streams, time, logger));
            watching = new Watching(this, query, board, board.Watch(changed));
            return board;
        }
    }

    public async ValueTask DisposeAsync()
    {
        JobBoard[] boards;
        lock (_lock)
            boards = [.. _boards.Values];
        foreach (var board in boards)
            await board.DisposeAsync();
    }

    private void Leave(JobsQuery query, JobBoard board, IDisposable watching)
    {
        lock (_lock)
        {
            watching.Dispose();
            // Its work ends by itself; whoever comes next begins anew.
            if (!board.IsWatched)
                _boards.Remove(query);
        }
    }

    private sealed class Watching(JobBoards boards, JobsQuery query, JobBoard board, IDisposable watching) : IDisposable
    {
        public void Dispose() => boards.Leave(query, board, watching);
    }
}
