using Dashboard.Resources;

namespace Dashboard.Consoles;

/// <summary>Reads the lines of several replicas as one list, until it is disposed of. All calls may come from any thread.</summary>
public sealed class ConsoleFeed : IDisposable
{
    /// <summary>Lines kept, of all replicas together; the oldest go.</summary>
    public const int Capacity = 20_000;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly ChangeSignal _changes;
    private readonly IResourceSource _source;
    private List<ConsoleRow> _rows = [];

    /// <param name="source">Where the lines come from.</param>
    /// <param name="replicas">Whose lines.</param>
    /// <param name="changes">Raised with each batch.</param>
    public ConsoleFeed(IResourceSource source, IEnumerable<string> replicas, ChangeSignal changes)
    {
        (_source, _changes) = (source, changes);
        Completion = Task.WhenAll(replicas.Select(r => ReadAsync(r, _stop.Token)));
    }

    /// <summary>Done when all reading has ended; fails with what went wrong.</summary>
    public Task Completion { get; }

    /// <summary>The lines so far, in the order in which they were read.</summary>
    public IReadOnlyList<ConsoleRow> Rows
    {
        get
        {
            lock (_lock)
            {
                return [.. _rows];
            }
        }
    }

    /// <summary>Forgets the lines so far.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _rows = [];
        }

        _changes.Raise();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task ReadAsync(string replica, CancellationToken stop)
    {
        try
        {
            await foreach (var batch in _source.WatchConsoleAsync(replica, stop).ConfigureAwait(false))
            {
                Add(batch.Select(line => new ConsoleRow(replica, line)));
                _changes.Raise();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
    }

    private void Add(IEnumerable<ConsoleRow> rows)
    {
        lock (_lock)
        {
            var end = _rows.Count == 0 ? DateTimeOffset.MinValue : _rows[^1].Line.At;
            var first = _rows.Count;
            _rows.AddRange(rows);
            if (_rows.Count > first && _rows[first].Line.At < end)
            {
                // What one replica has printed before comes as a whole, and belongs between what others printed. OrderBy keeps the order of lines of the same moment.
                _rows = [.. _rows.OrderBy(r => r.Line.At)];
            }

            if (_rows.Count > Capacity)
            {
                _rows.RemoveRange(0, _rows.Count - Capacity);
            }
        }
    }
}
