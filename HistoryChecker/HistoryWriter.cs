using System.Diagnostics;

namespace HistoryChecker;

/// <summary>
/// Writes the history of a run. To be called by everybody at once; what one reader tells stays in its order. It keeps nothing in memory.
/// </summary>
public sealed class HistoryWriter(string file) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _lines = new(file);
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Where it writes to.</summary>
    public string File => file;

    /// <summary>Microseconds since the run began.</summary>
    public long Now => (long)Stopwatch.GetElapsedTime(_began).TotalMicroseconds;

    /// <summary>One attempt to publish has ended.</summary>
    public void Attempt(string topic, string content, long began, AttemptOutcome outcome, string? id = null) =>
        Write(
            new HistoryLine(HistoryKind.Publish, topic, began)
            {
                Ended = Now,
                Content = content,
                Outcome = outcome,
                Id = id,
            }
        );

    /// <summary>A reader's first stream is open.</summary>
    public void Join(string reader, string topic) => Write(new HistoryLine(HistoryKind.Join, topic, Now) { Reader = reader });

    /// <summary>A reader got an event.</summary>
    public void Delivery(string reader, string topic, string? id, string content) =>
        Write(
            new HistoryLine(HistoryKind.Delivery, topic, Now)
            {
                Reader = reader,
                Id = id,
                Content = content,
            }
        );

    /// <summary>A reader was told that events are gone.</summary>
    public void Gap(string reader, string topic, string? reason) =>
        Write(new HistoryLine(HistoryKind.Gap, topic, Now) { Reader = reader, Reason = reason });

    /// <summary>A reader has stopped.</summary>
    public void Leave(string reader, string topic, bool isComplete) =>
        Write(new HistoryLine(HistoryKind.Leave, topic, Now) { Reader = reader, Complete = isComplete });

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _lines.Dispose();
    }

    private void Write(HistoryLine line)
    {
        var text = HistoryFile.Format(line);
        lock (_gate)
            _lines.WriteLine(text);
    }
}
