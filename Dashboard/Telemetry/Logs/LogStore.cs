using System.Buffers;

namespace Dashboard.Telemetry.Logs;

/// <summary>The newest log records, as many as the limits allow. All calls may come from any thread.</summary>
public sealed class LogStore(TelemetryLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Queue<LogEntry> _entries = [];
    private readonly Dictionary<TelemetryResource, LogCounts> _counts = [];
    private long _sequence;
    private long _bytes;
    private long _dropped;

    /// <summary>Raised after each batch of new records.</summary>
    public ChangeSignal Changes { get; } = new();

    /// <summary>The memory that the records take, by estimate.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Finds records; takes some milliseconds at most with the usual limits.</summary>
    public LogPage Query(LogQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        // A rented array: a new one for each question, of the size that 50,000 records need, would have the collector go through the whole store again and again.
        LogEntry[] entries;
        int kept;
        long dropped;
        lock (_lock)
        {
            (kept, dropped) = (_entries.Count, _dropped);
            entries = ArrayPool<LogEntry>.Shared.Rent(kept);
            _entries.CopyTo(entries, 0);
        }

        try
        {
            var (found, matching) = Search(entries.AsSpan(0, kept), query);
            return new(found, matching, kept, dropped);
        }
        finally
        {
            ArrayPool<LogEntry>.Shared.Return(entries, clearArray: true);
        }
    }

    /// <summary>Warnings and errors among the kept records of each process.</summary>
    public IReadOnlyDictionary<string, LogCounts> Counts()
    {
        lock (_lock)
        {
            return _counts.ToDictionary(c => c.Key.Id, c => c.Value, StringComparer.OrdinalIgnoreCase);
        }
    }

    /// <summary>Forgets the records of a service or of one process, or all.</summary>
    public void Clear(string? resource)
    {
        lock (_lock)
        {
            var kept = _entries.Where(e => !e.Resource.Matches(resource)).ToList();
            _entries.Clear();
            _counts.Clear();
            _bytes = 0;
            foreach (var entry in kept)
            {
                Keep(entry);
            }
        }

        Changes.Raise();
    }

    internal void Add(IReadOnlyList<LogEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            foreach (var entry in entries)
            {
                entry.Sequence = ++_sequence;
                Keep(entry);
                while (_entries.Count > limits.MaxLogs || (_bytes > limits.LogBytes && _entries.Count > 1))
                {
                    var oldest = _entries.Dequeue();
                    _bytes -= oldest.Bytes;
                    _dropped++;
                    Count(oldest, -1);
                }
            }
        }

        Changes.Raise();
    }

    private static (List<LogEntry> Found, int Matching) Search(ReadOnlySpan<LogEntry> entries, LogQuery query)
    {
        var found = new List<LogEntry>();
        var matching = 0;
        for (var i = entries.Length - 1; i >= 0 && entries[i].Sequence > query.After; i--)
        {
            if (query.Accepts(entries[i]))
            {
                matching++;
                if (found.Count < query.Limit)
                {
                    found.Add(entries[i]);
                }
            }
        }

        found.Reverse();
        return (found, matching);
    }

    private void Keep(LogEntry entry)
    {
        _entries.Enqueue(entry);
        _bytes += entry.Bytes;
        Count(entry, 1);
    }

    private void Count(LogEntry entry, int by)
    {
        if (entry.Severity < LogSeverity.Warning)
        {
            return;
        }

        var counts = _counts.GetValueOrDefault(entry.Resource) ?? new(0, 0);
        _counts[entry.Resource] = entry.Severity == LogSeverity.Warning
            ? counts with { Warnings = counts.Warnings + by }
            : counts with { Errors = counts.Errors + by };
    }
}
