using EventStreams.Log;
using EventStreams.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventStreams.Fanout;

/// <summary>
/// Keeps a topic's ring equal to the end of its log: takes entries from the bus in order, and fetches from the log whatever the bus has not
/// brought.
/// </summary>
internal sealed partial class TopicFollower(
    Topic topic,
    FrameRing ring,
    IEventLog log,
    EventStreamsOptions options,
    EventStreamsMetrics metrics,
    ILogger logger,
    Action appended
)
{
    private const int FirstRetryMilliseconds = 50;
    private const int LastRetryMilliseconds = 1000;
    private const string TailCheck = "tail-check";

    // A topic that has been silent is looked at more and more seldom: after every so many checks that found nothing one interval later, up
    // to so many intervals apart.
    private const int ChecksToSlowDown = 4;
    private const int MostIntervals = 16;

    private Task? _healing;
    private bool _isFilled;
    private bool _healAgain;
    private volatile bool _heardSinceCheck;
    private volatile bool _isStopped;
    private bool _isLogAway;
    private bool _isDamageLogged;
    private int _silentChecks;
    private int _intervalsLeft;

    /// <summary>Fills the ring from the log. Called once, after the bus has acknowledged the subscription.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public async Task InitialiseAsync(CancellationToken cancellationToken)
    {
        var page = await log.ReadTailAsync(topic, Math.Min(options.PageSize, options.RingCapacity), cancellationToken);
        lock (ring.Gate)
        {
            if (page.Position.Tail is { } tail)
            {
                EventId? start = page.Events.Count > 0 ? page.Before ?? new EventId(tail.Epoch, page.Events[0].Id.Offset - 1) : tail;
                ring.StartRun(start, gap: null, page.Position.End);
                foreach (var e in page.Events)
                    ring.Append(Frame.Of(topic, e, page.Position.End));
            }
            ring.MarkLive();
            _isFilled = true;
            // Something came, or may have been lost, while the page was read.
            if (!_healAgain)
                return;
            _healAgain = false;
        }
        _ = HealAsync("missed");
    }

    /// <summary>Takes an entry from the bus. Calls come one after the other. Never throws: whatever comes stays with this topic.</summary>
    public void OnEntry(ReadOnlyMemory<byte> entry)
    {
        _heardSinceCheck = true;
        try
        {
            if (LogEntry.TryParse(entry) is not { } e)
            {
                metrics.Damaged("channel");
                LogDamagedOnce();
                _ = HealAsync("damaged");
                return;
            }
            long headBefore;
            bool isTaken;
            lock (ring.Gate)
            {
                headBefore = ring.Head;
                isTaken = _isFilled && TryTake(e);
            }
            if (!isTaken)
                _ = HealAsync("missed");
            else if (ring.Head != headBefore)
                appended();
        }
        catch (Exception e)
        {
            // An error of this library, which must not end the process with the streams of all other topics: the log knows what follows.
            LogRefused(topic, e);
            _ = HealAsync("refused");
        }
    }

    /// <summary>
    /// Compares with the log, unless the bus has shown just now that it works, or a heal is under way; and more seldom the longer the topic
    /// has been silent. The task ends also when Redis is away: the next check tries again.
    /// </summary>
    public Task CheckTailAsync()
    {
        if (_heardSinceCheck)
        {
            _heardSinceCheck = false;
            _silentChecks = _intervalsLeft = 0;
            return Task.CompletedTask;
        }
        if (_intervalsLeft > 0)
        {
            _intervalsLeft--;
            return Task.CompletedTask;
        }
        lock (ring.Gate)
        {
            // A heal that waits for Redis must not hold up the checks of topics whose server is there.
            if (_healing is not null)
                return Task.CompletedTask;
        }
        // At random within the second half, so that topics that fell silent together are not looked at together.
        var intervals = Math.Min(1 + ++_silentChecks / ChecksToSlowDown, MostIntervals);
        _intervalsLeft = Random.Shared.Next(intervals / 2, intervals);
        return HealAsync(TailCheck);
    }

    /// <summary>Fetches what the ring lacks; the task ends when it stood level with the log at some moment after the call. Concurrent calls
    /// share the work.</summary>
    public Task HealAsync(string cause)
    {
        // Whatever gave the reason to doubt, the next tail check is not to be skipped.
        _heardSinceCheck = false;
        lock (ring.Gate)
        {
            _healAgain = !_isFilled || _healing is not null;
            if (!_isFilled)
                return Task.CompletedTask;
            return _healing ??= Task.Run(() => HealUntilLevelAsync(cause));
        }
    }

    /// <summary>What a reader that comes with a cursor of an earlier epoch has seen of it, as far as it is known here.</summary>
    public SeenEvents? SeenBy(EventId? cursor)
    {
        lock (ring.Gate)
            return SeenEvents.Of(ring, cursor ?? Resumption.Beginning);
    }

    /// <summary>Nobody needs the ring any more: a heal that cannot reach Redis gives up.</summary>
    public void Stop() => _isStopped = true;

    // True when the ring holds the event now; false when the log must be asked.
    private bool TryTake(StreamEvent e)
    {
        if (ring.Tail is not { } tail)
        {
            if (e.Id.Offset != 1)
                return false;
            ring.StartRun(new EventId(e.Id.Epoch, 0), gap: null);
        }
        else if (e.Id.Epoch != tail.Epoch || e.Id.Offset > tail.Offset + 1)
        {
            return false;
        }
        else if (e.Id.Offset <= tail.Offset)
        {
            // Fetched by a heal already; unless another event stands at this offset now, which a log that failed over to an older copy
            // brings about.
            return ring.Find(e.Id.Offset) is { } known && known.Id.IsSameEventAs(e.Id);
        }
        ring.Append(Frame.Of(topic, e, e.Id));
        return true;
    }

    private async Task HealUntilLevelAsync(string cause)
    {
        var retry = FirstRetryMilliseconds;
        while (true)
        {
            try
            {
                if (await HealOnceAsync())
                {
                    metrics.Healed(cause);
                    _silentChecks = 0;
                }
                _isLogAway = false;
                lock (ring.Gate)
                {
                    if (!_healAgain)
                    {
                        _healing = null;
                        return;
                    }
                    _healAgain = false;
                }
            }
            catch (EventStreamUnavailableException e)
            {
                if (!_isLogAway)
                    LogHealFailed(topic, cause, e.Message);
                _isLogAway = true;
                lock (ring.Gate)
                {
                    if (_isStopped || cause == TailCheck && !_healAgain)
                    {
                        _healing = null;
                        return;
                    }
                }
                await Task.Delay(retry);
                retry = Math.Min(retry * 2, LastRetryMilliseconds);
            }
            catch (Exception e)
            {
                LogHealBroken(topic, cause, e);
                lock (ring.Gate)
                    _healing = null;
                throw;
            }
        }
    }

    // True when something was found that the bus had not brought.
    private async Task<bool> HealOnceAsync()
    {
        var found = false;
        while (true)
        {
            EventId? cursor;
            lock (ring.Gate)
                cursor = ring.Tail;
            var read = await log.ReadAsync(topic, cursor?.Offset ?? 0, options.PageSize);
            if (read.Events.Any(e => e.Type == StreamEventTypes.Gap))
                LogDamagedOnce();
            var page = FramePage.Of(topic, read);
            bool isCaughtUp,
                isChanged;
            lock (ring.Gate)
            {
                var head = ring.Head;
                isCaughtUp = Apply(cursor, page);
                isChanged = ring.Head != head;
            }
            if (isChanged)
            {
                found = true;
                appended();
            }
            if (isCaughtUp)
                return found;
        }
    }

    // Brings what the page has into the ring. True when the ring then holds all that the log held at the time of the page.
    private bool Apply(EventId? cursor, FramePage page)
    {
        var resumption = Resumption.Resolve(cursor, page.Position, page.Before);
        var startsRun = resumption.GapReason is not null || cursor is null && resumption.StartAfter is not null;
        // The bus may have brought entries while the page was read; they are of use only where the ring's run goes on.
        if (startsRun && ring.Tail != cursor)
            return false;
        if (startsRun && resumption.GapReason is null)
            ring.StartRun(resumption.StartAfter, gap: null);
        foreach (var piece in resumption.Pieces(page, resumption.EndsLife ? SeenEvents.Of(ring) : null, options.SnapshotUrl?.Invoke(topic)))
        {
            foreach (var frame in piece.Frames)
            {
                if (frame.Kind == FrameKind.Gap)
                {
                    LogGap(topic, resumption.GapReason!, resumption.MissedFrom, resumption.MissedTo);
                    ring.StartRun(resumption.StartAfter, frame);
                }
                else if (ring.Tail is { } tail && frame.Id.Epoch == tail.Epoch && frame.Id.Offset == tail.Offset + 1)
                {
                    ring.Append(frame);
                }
            }
        }
        return page.Position.Tail is not { } newest || ring.Tail is { } now && now.Epoch == newest.Epoch && now.Offset >= newest.Offset;
    }

    private void LogDamagedOnce()
    {
        if (!_isDamageLogged)
            LogDamaged(topic);
        _isDamageLogged = true;
    }

    [LoggerMessage(
        LogLevel.Warning,
        "Topic {Topic}: something else writes to its channel or its keys; what cannot be read is left out, and counted in "
            + "eventstreams.damaged."
    )]
    private partial void LogDamaged(Topic topic);

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: an entry was refused by the ring; the log is read instead.")]
    private partial void LogRefused(Topic topic, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Topic {Topic}: the log could not be read ({Cause}); trying again. {Reason}")]
    private partial void LogHealFailed(Topic topic, string cause, string reason);

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: healing stopped ({Cause}); the next tail check starts it again.")]
    private partial void LogHealBroken(Topic topic, string cause, Exception exception);

    [LoggerMessage(
        LogLevel.Warning,
        "Topic {Topic}: events are gone from the log ({Reason}, offsets {From} to {To}); every stream is told."
    )]
    private partial void LogGap(Topic topic, string reason, long? from, long? to);
}
