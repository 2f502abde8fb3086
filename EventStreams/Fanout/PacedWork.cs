using System.Diagnostics;

namespace EventStreams.Fanout;

/// <summary>
/// Work in passes, one at a time, each followed by a rest that is in proportion to what the pass took: see <see
/// cref="EventStreamsOptions.MaxCoalescing"/>. What is signalled while a pass is under way brings another.
/// </summary>
internal abstract class PacedWork : IThreadPoolWorkItem, IDisposable
{
    private readonly EventStreamsOptions _options;
    private readonly Timer _tick;
    private int _signals;
    private int _isTickArmed;
    private long _lastPassEnd;
    private long _minPause;

    protected PacedWork(EventStreamsOptions options)
    {
        _options = options;
        _tick = new Timer(static work => ((PacedWork)work!).OnTick(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public void Dispose() => _tick.Dispose();

    /// <summary>Asks for a pass, at once: on this thread, or on one of the pool's.</summary>
    protected void Signal(bool isHere = false)
    {
        if (Interlocked.Increment(ref _signals) != 1)
            return;
        if (isHere)
            ((IThreadPoolWorkItem)this).Execute();
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Asks for a pass, at once or when the rest after the last one is over.</summary>
    protected void SignalWhenRested(bool isHere = false)
    {
        // A pass over n streams costs n sends. The rest after it bounds what they cost, and collects what comes meanwhile.
        var wait = Volatile.Read(ref _lastPassEnd) + Volatile.Read(ref _minPause) - Stopwatch.GetTimestamp();
        var milliseconds = wait * 1000 / Stopwatch.Frequency;
        if (milliseconds < 1)
            Signal(isHere);
        else if (Interlocked.Exchange(ref _isTickArmed, 1) == 0)
            _tick.Change(milliseconds, Timeout.Infinite);
    }

    /// <summary>Begins the rest after a pass: twice as long as the pass took keeps the work to a third of a core. Where several events had
    /// gathered for a stream, they come faster than passes are done: four times as long leaves more to each send, and the work a fifth of a
    /// core.</summary>
    protected void Rest(long passBegan, bool isHot)
    {
        var end = Stopwatch.GetTimestamp();
        var (times, limit) = isHot ? (4, _options.MaxCoalescingWhenHot) : (2, _options.MaxCoalescing);
        Volatile.Write(ref _minPause, Math.Min((end - passBegan) * times, (long)(limit.TotalSeconds * Stopwatch.Frequency)));
        Volatile.Write(ref _lastPassEnd, end);
    }

    /// <summary>The work itself.</summary>
    protected abstract void Pass();

    /// <summary>A pass failed; the next signal brings another.</summary>
    protected abstract void OnFailed(Exception exception);

    // One pass; what is signalled meanwhile is the pool's, since this may be the thread that takes the messages of all topics.
    void IThreadPoolWorkItem.Execute()
    {
        var seen = Volatile.Read(ref _signals);
        try
        {
            Pass();
        }
        catch (Exception e)
        {
            OnFailed(e);
        }
        if (Interlocked.CompareExchange(ref _signals, 0, seen) != seen)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void OnTick()
    {
        Volatile.Write(ref _isTickArmed, 0);
        Signal(isHere: true);
    }
}
