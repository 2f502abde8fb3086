using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// What each replica printed. Keeps the last <see cref="Capacity"/> lines of each; a reader that falls further behind than that misses the
/// oldest ones, which shows in the line numbers.
/// </summary>
public class ResourceLoggerService : IDisposable
{
    internal const int Capacity = 10_000;

    private readonly ConcurrentDictionary<string, LineLog> _logs = new(ResourceNames.Comparer);
    private readonly TimeProvider _time;

    internal ResourceLoggerService(TimeProvider time) => _time = time;

    /// <summary>Each line of each replica as it is printed: the replica's id and the line. Handlers must be quick.</summary>
    internal event Action<string, LogLine>? LineWritten;

    /// <summary>A logger whose lines appear among those that the replica prints.</summary>
    /// <param name="resourceName">The id of a replica.</param>
    public ILogger GetLogger(string resourceName) => new LineLogger(this, resourceName);

    /// <inheritdoc cref="GetLogger(string)"/>
    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return GetLogger(resource.Name);
    }

    /// <summary>The lines kept so far, then each batch of new ones, until the enumeration is cancelled or the service disposed.</summary>
    /// <param name="resourceName">The id of a replica.</param>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Log(resourceName).WatchAsync();

    /// <inheritdoc cref="WatchAsync(string)"/>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return WatchAsync(resource.Annotations.OfType<ReplicaIdsAnnotation>().FirstOrDefault()?.Ids[0] ?? resource.Name);
    }

    /// <summary>The lines kept so far.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        yield return Log(resourceName).Snapshot();
    }

    /// <summary>Ends all enumerations.</summary>
    public void Dispose()
    {
        foreach (var log in _logs.Values)
        {
            log.Complete();
        }

        GC.SuppressFinalize(this);
    }

    internal void Write(string replicaId, string text, bool isError)
    {
        var line = Log(replicaId).Append(text, isError, _time.GetUtcNow());
        LineWritten?.Invoke(replicaId, line);
    }

    internal IReadOnlyList<LogLine> Last(string replicaId, int count) => [.. Log(replicaId).Snapshot().TakeLast(count)];

    private LineLog Log(string replicaId) => _logs.GetOrAdd(replicaId, _ => new());

    private sealed class LineLog
    {
        private readonly Lock _lock = new();
        private readonly Queue<LogLine> _lines = [];
        private readonly List<Channel<LogLine>> _readers = [];
        private int _count;
        private bool _complete;

        public LogLine Append(string text, bool isError, DateTimeOffset at)
        {
            lock (_lock)
            {
                var line = new LogLine(++_count, text, isError) { At = at };
                _lines.Enqueue(line);
                if (_lines.Count > Capacity)
                {
                    _lines.Dequeue();
                }

                foreach (var reader in _readers)
                {
                    reader.Writer.TryWrite(line);
                }

                return line;
            }
        }

        public IReadOnlyList<LogLine> Snapshot()
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var channel = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
            IReadOnlyList<LogLine> kept;
            lock (_lock)
            {
                kept = [.. _lines];
                _readers.Add(channel);
                if (_complete)
                {
                    channel.Writer.TryComplete();
                }
            }

            try
            {
                if (kept.Count > 0)
                {
                    yield return kept;
                }

                while (await channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    var batch = new List<LogLine>();
                    while (channel.Reader.TryRead(out var line))
                    {
                        batch.Add(line);
                    }

                    yield return batch;
                }
            }
            finally
            {
                lock (_lock)
                {
                    _readers.Remove(channel);
                }
            }
        }

        public void Complete()
        {
            lock (_lock)
            {
                _complete = true;
                foreach (var reader in _readers)
                {
                    reader.Writer.TryComplete();
                }
            }
        }
    }

    private sealed class LineLogger(ResourceLoggerService service, string replicaId) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                service.Write(replicaId, formatter(state, exception), logLevel >= LogLevel.Error);
            }
        }
    }
}

/// <summary>A line that a replica printed; numbers count from 1 without holes.</summary>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage)
{
    /// <summary>When it was read.</summary>
    internal DateTimeOffset At { get; init; }
}

/// <summary>The ids of a resource's replicas.</summary>
internal sealed record ReplicaIdsAnnotation(IReadOnlyList<string> Ids) : IResourceAnnotation;
