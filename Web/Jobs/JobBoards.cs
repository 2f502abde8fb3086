using Web.Forwarding;
using Web.Security;

namespace Web.Jobs;

/// <summary>One <see cref="JobBoard"/> for each page of a visitor's jobs that they look at. Thread-safe.</summary>
internal sealed class JobBoards(Func<ApiCredentials, JobsClient> jobs, ApiStreams streams, TimeProvider time, ILogger<JobBoard> logger)
    : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Identity, JobsQuery Query), JobBoard> _boards = [];

    /// <summary>Calls back, on any thread, whenever something changed on a page, until <paramref name="watching"/> is disposed.</summary>
    public JobBoard Watch(JobsQuery query, ApiCredentials credentials, Action changed, out IDisposable watching)
    {
        lock (_lock)
        {
            var key = (credentials.Identity, query);
            if (!_boards.TryGetValue(key, out var board))
                _boards.Add(key, board = new JobBoard(query, () => jobs(credentials), streams, time, logger));
            watching = new Watching(this, key, board, board.Watch(changed));
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

    private void Leave((string Identity, JobsQuery Query) key, JobBoard board, IDisposable watching)
    {
        lock (_lock)
        {
            watching.Dispose();
            // Its work ends by itself; whoever comes next begins anew.
            if (!board.IsWatched)
                _boards.Remove(key);
        }
    }

    private sealed class Watching(JobBoards boards, (string Identity, JobsQuery Query) key, JobBoard board, IDisposable watching)
        : IDisposable
    {
        public void Dispose() => boards.Leave(key, board, watching);
    }
}
