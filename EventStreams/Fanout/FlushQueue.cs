using System.Diagnostics;
using EventStreams.Wire;
using Microsoft.Extensions.Logging;

namespace EventStreams.Fanout;

/// <summary>
/// Writes to the streams over several topics that have something to write. In passes with a rest after each, as a topic is written to its
/// streams: so a stream whose topics are busy together gets their events in one write.
/// </summary>
internal sealed partial class FlushQueue(EventStreamsOptions options, ILogger logger) : PacedWork(options)
{
    private readonly Lock _gate = new();
    private List<Multiplexer> _due = [];
    private List<Multiplexer> _spare = [];
    private WireBuffer? _buffer;

    /// <summary>Has a stream written to in the next pass.</summary>
    public void Enqueue(Multiplexer stream)
    {
        lock (_gate)
            _due.Add(stream);
        SignalWhenRested();
    }

    protected override void Pass()
    {
        List<Multiplexer> due;
        lock (_gate)
        {
            due = _due;
            _due = _spare;
        }
        if (due.Count == 0)
        {
            _spare = due;
            return;
        }
        var began = Stopwatch.GetTimestamp();
        var most = 0;
        foreach (var stream in due)
            most = Math.Max(most, Flush(stream));
        due.Clear();
        _spare = due;
        Rest(began, isHot: most > 1);
    }

    protected override void OnFailed(Exception exception) => LogPassFailed(exception);

    // What befalls one stream is not to befall those behind it in the list.
    private int Flush(Multiplexer stream)
    {
        try
        {
            return stream.Flush(ref _buffer);
        }
        catch (Exception e)
        {
            LogStreamFailed(e);
            _buffer = null;
            stream.Abort();
            return 0;
        }
    }

    [LoggerMessage(LogLevel.Error, "A stream over several topics could not be written to, and is closed; its client resumes.")]
    private partial void LogStreamFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "A pass over the streams of several topics failed; the next event brings another.")]
    private partial void LogPassFailed(Exception exception);
}
