using System.Diagnostics;
using EventStreams.Telemetry;
using EventStreams.Wire;
using Microsoft.Extensions.Logging;

namespace EventStreams.Fanout;

/// <summary>
/// Carries a topic's frames to its streams. One pass at a time: it alone owns the list of streams, so that a delivery takes no lock,
/// allocates nothing and needs no task of the stream's own. Streams come in through an inbox: new ones, and those whose write has ended.
/// </summary>
internal sealed partial class TopicPump : PacedWork
{
    private const int MaxBatchBytes = 256 * 1024;

    // A pass over so few streams is done where the event came in: handing it to another thread would cost as much as the pass.
    private const int InlineStreams = 8;

    // Maintenance comes at intervals of a fifth of the heartbeat's; a stream gets its heartbeat at the last one before it is due.
    private const double HeartbeatShare = 0.8;

    private readonly FrameRing _ring;
    private readonly EventStreamsOptions _options;
    private readonly EventStreamsMetrics _metrics;
    private readonly DeliveryTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly Topic _topic;
    private readonly Action<StreamConnection> _fellBehind;
    private readonly List<StreamConnection> _streams = [];
    private readonly Lock _inboxGate = new();
    private List<StreamConnection> _inbox = [];
    private List<StreamConnection> _spareInbox = [];
    private FrameBatch? _batch;
    private long _pumped;
    private int _closedStreams;
    private int _closeQuota;
    private int _listed;
    private volatile bool _isHousekeepingDue;
    private volatile WireBytes? _presence;
    private WireBytes? _pumpedPresence;

    public TopicPump(
        FrameRing ring,
        Topic topic,
        EventStreamsOptions options,
        EventStreamsMetrics metrics,
        ILogger logger,
        Action<StreamConnection> fellBehind
    )
        : base(options)
    {
        _ring = ring;
        _topic = topic;
        _logger = logger;
        _options = options;
        _metrics = metrics;
        _telemetry = new DeliveryTelemetry(topic, ring, metrics);
        _fellBehind = fellBehind;
    }

    /// <summary>Frames were appended to the ring: a pass follows at once or, while the topic rests, when its rest is over: see <see
    /// cref="EventStreamsOptions.MaxCoalescing"/>.</summary>
    public void OnAppended() => SignalWhenRested(IsSmall);

    /// <summary>Puts a stream into the list, or back into the pump's hands.</summary>
    public void Enqueue(StreamConnection stream)
    {
        lock (_inboxGate)
            _inbox.Add(stream);
        Signal();
    }

    /// <summary>A stream was closed; its place is cleared when enough have gathered, or at the next pass over all.</summary>
    public void OnClosed()
    {
        if (Interlocked.Increment(ref _closedStreams) > 64)
            Signal();
    }

    /// <summary>Heartbeats, slow streams, and the places of closed ones.</summary>
    public void RequestHousekeeping()
    {
        _isHousekeepingDue = true;
        Signal(IsSmall);
    }

    /// <summary>Has the streams that want to know it told how many follow the topic.</summary>
    public void SayPresence(WireBytes presence)
    {
        _presence = presence;
        Signal();
    }

    /// <summary>Closes up to so many streams, whose clients are to come back.</summary>
    public void RequestClose(int count)
    {
        Interlocked.Add(ref _closeQuota, count);
        Signal();
    }

    protected override void OnFailed(Exception exception) => LogPassFailed(_topic, exception);

    private bool IsSmall => Volatile.Read(ref _listed) <= InlineStreams;

    protected override void Pass()
    {
        var start = Stopwatch.GetTimestamp();
        long head;
        lock (_ring.Gate)
            head = _ring.Head;
        var delivered = TakeInbox(head);
        var isHousekeeping = _isHousekeepingDue;
        _isHousekeepingDue = false;
        if (head != _pumped || isHousekeeping || _closeQuota > 0 || _closedStreams > 64 || _presence != _pumpedPresence)
        {
            _pumpedPresence = _presence;
            var from = _pumped;
            delivered += PassOverAll(head, isHousekeeping);
            _pumped = head;
            if (head != from)
            {
                _telemetry.Pumped(from, head, _streams.Count);
                Rest(start, isHot: head - from > 1);
            }
        }
        Volatile.Write(ref _listed, _streams.Count);
        if (delivered > 0)
            _metrics.Delivered(delivered);
        // Nothing may keep the bytes of a topic that has gone quiet.
        _batch = null;
    }

    private long TakeInbox(long head)
    {
        List<StreamConnection> arrivals;
        lock (_inboxGate)
        {
            arrivals = _inbox;
            _inbox = _spareInbox;
        }
        var delivered = 0L;
        foreach (var stream in arrivals)
        {
            if (!stream.IsListed)
            {
                stream.IsListed = true;
                _streams.Add(stream);
                // Whatever was revoked since it was let in looked for it in the list.
                stream.CheckGrant();
            }
            if (stream.State == StreamState.Live || stream.State == StreamState.Writing && stream.TakeWriteEnded() && EndWrite(stream))
                delivered += Deliver(stream, head);
        }
        arrivals.Clear();
        _spareInbox = arrivals;
        return delivered;
    }

    private long PassOverAll(long head, bool isHousekeeping)
    {
        var delivered = 0L;
        var now = Environment.TickCount64;
        for (var i = _streams.Count - 1; i >= 0; i--)
        {
            var stream = _streams[i];
            if (isHousekeeping)
                stream.CheckGrant();
            switch (stream.State)
            {
                case StreamState.Live:
                    delivered += Deliver(stream, head);
                    if (
                        !TryClose(stream)
                        && isHousekeeping
                        && now - stream.Sink.LastWriteAt >= _options.HeartbeatInterval.TotalMilliseconds * HeartbeatShare
                    )
                        WriteHeartbeat(stream);
                    break;
                case StreamState.Closed:
                    _streams[i] = _streams[^1];
                    _streams.RemoveAt(_streams.Count - 1);
                    break;
                default:
                    TryClose(stream);
                    if (isHousekeeping)
                        DropIfStuck(stream, now);
                    break;
            }
        }
        Volatile.Write(ref _closedStreams, 0);
        // More was asked for than there are streams; those that come later are not meant.
        if (_closeQuota > 0)
            Interlocked.Exchange(ref _closeQuota, 0);
        return delivered;
    }

    // Writes what the stream lacks up to the head, and returns how many events that was.
    private long Deliver(StreamConnection stream, long head)
    {
        var delivered = 0L;
        while (stream.Position < head)
        {
            var batch = BatchFrom(stream.Position, head);
            // Who follows the state is told of a gap where the log is read, and given the state behind it.
            if (batch is null || batch.GapReasons is not null && stream.FollowsState)
            {
                if (stream.TryMove(StreamState.Live, StreamState.CatchingUp))
                    _fellBehind(stream);
                return delivered;
            }
            // Moved before the write, since its end may be told on another thread before the write returns; and before the cursor, which
            // is told to a client whose stream is closed, and so must not be ahead of what was written.
            if (!stream.TryMove(StreamState.Live, StreamState.Writing))
                return delivered;
            stream.Position = batch.To;
            stream.Cursor = batch.Cursor;
            stream.ClosesAfterWrite = batch.IsEnd;
            delivered += batch.EventCount;
            if (batch.GapReasons is { } reasons)
                reasons.ForEach(_metrics.Gap);
            var seen = stream.Earlier;
            stream.Earlier = batch.Earlier ?? seen;
            if (!Write(stream, batch, seen))
                return delivered;
        }
        if (
            stream.IsWatching
            && _presence is { } presence
            && presence != stream.ToldPresence
            && stream.TryMove(StreamState.Live, StreamState.Writing)
        )
        {
            stream.ToldPresence = presence;
            Write(stream, batch: null, seen: null, presence);
        }
        return delivered;
    }

    private void WriteHeartbeat(StreamConnection stream)
    {
        if (stream.TryMove(StreamState.Live, StreamState.Writing))
            Write(stream, batch: null, seen: null);
    }

    // Frames, a notice, or a heartbeat, by whoever has moved the stream to Writing. True when it can take more at once.
    private bool Write(StreamConnection stream, FrameBatch? batch, SeenEvents? seen, WireBytes? notice = null)
    {
        stream.Sink.LastWriteAt = Environment.TickCount64;
        try
        {
            var isTaken =
                batch is not null ? stream.Sink.TryWrite(batch, seen)
                : notice is not null ? stream.Sink.TryWriteNotice(notice)
                : stream.Sink.TryWriteHeartbeat();
            return isTaken && EndWrite(stream);
        }
        catch (Exception e)
        {
            // What befalls one stream is not to befall those behind it in the list.
            LogStreamFailed(_topic, e);
            stream.Sink.Abort();
            stream.CloseAsOwner(StreamClose.Gone);
            return false;
        }
    }

    private static bool EndWrite(StreamConnection stream)
    {
        if (!stream.Sink.IsClosed && !stream.ClosesAfterWrite)
            return stream.TryMove(StreamState.Writing, StreamState.Live);
        stream.CloseAsOwner(stream.Sink.IsClosed ? StreamClose.Gone : StreamClose.Ended);
        return false;
    }

    // Frames from a position up to the head as one piece of bytes; null when the ring no longer holds them. Streams at the same place share
    // the piece.
    private FrameBatch? BatchFrom(long from, long head)
    {
        if (_batch is { } batch && batch.From == from)
            return batch;
        lock (_ring.Gate)
        {
            if (from < _ring.Oldest)
                return null;
            return _batch = FrameBatch.Of(_ring, from, head, MaxBatchBytes);
        }
    }

    private void DropIfStuck(StreamConnection stream, long now)
    {
        var isBlocked = stream.State == StreamState.Writing || stream.IsReplayBlocked;
        // A replica that shuts down does not wait longer for a client that does not read than its drain takes.
        var patience =
            stream.IsCloseRequested && _options.DrainTime < _options.SlowClientTimeout ? _options.DrainTime : _options.SlowClientTimeout;
        if (!isBlocked || stream.Sink.IsClosed || now - stream.Sink.LastWriteAt < patience.TotalMilliseconds)
            return;
        _metrics.Dropped();
        stream.RequestClose(StreamClose.TooSlow);
        // Ends the write that is under way, and with it the owner's hold.
        stream.Sink.Abort();
    }

    // One of those that are to be closed; where somebody writes to it, as soon as that has ended.
    private bool TryClose(StreamConnection stream)
    {
        if (_closeQuota <= 0 || stream.IsCloseRequested)
            return false;
        Interlocked.Decrement(ref _closeQuota);
        stream.RequestClose(StreamClose.Draining);
        return true;
    }

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: a stream could not be written to, and is closed; its client resumes.")]
    private partial void LogStreamFailed(Topic topic, Exception exception);

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: a pass over its streams failed; the next event or heartbeat brings another.")]
    private partial void LogPassFailed(Topic topic, Exception exception);
}
