using EventStreams.Bus;
using EventStreams.Log;
using EventStreams.Telemetry;
using EventStreams.Wire;
using Microsoft.Extensions.Logging;

namespace EventStreams.Fanout;

/// <summary>What one replica does for one topic: follow the log, keep the ring, pump it to the streams, and replay for those that are
/// further behind.</summary>
internal sealed partial class TopicFeed : IDisposable
{
    private const double FirstRetryMilliseconds = 50;
    private const double LastRetryMilliseconds = 500;

    // How soon a stream that waits notices that its client has gone.
    private static readonly TimeSpan DisconnectPollInterval = TimeSpan.FromMilliseconds(200);

    private readonly Topic _topic;
    private readonly RedisEventBus _bus;
    private readonly EventStreamsMetrics _metrics;
    private readonly ILogger _logger;
    private readonly EventStreamsOptions _options;
    private readonly FrameRing _ring;
    private readonly PageReader _pages;
    private readonly IEventLog _log;
    private readonly Action<StreamConnection> _enqueue;
    private IDisposable? _subscription;

    public TopicFeed(
        Topic topic,
        RedisEventBus bus,
        IEventLog log,
        EventStreamsOptions options,
        EventStreamsMetrics metrics,
        ILogger logger,
        SemaphoreSlim pageReads
    )
    {
        _topic = topic;
        _bus = bus;
        _log = log;
        _options = options;
        _metrics = metrics;
        _logger = logger;
        _ring = new FrameRing(options.RingCapacity, options.RingBytes);
        Pump = new TopicPump(_ring, topic, options, metrics, logger, stream => _ = ReplayAsync(stream));
        _enqueue = Pump.Enqueue;
        Follower = new TopicFollower(topic, _ring, log, options, metrics, logger, Pump.OnAppended);
        _pages = new PageReader(topic, log, options.PageSize, pageReads);
    }

    /// <summary>Writes the topic's frames to its streams.</summary>
    public TopicPump Pump { get; }

    /// <summary>Keeps the ring level with the log.</summary>
    public TopicFollower Follower { get; }

    /// <summary>Bytes that the topic's frames take in memory, shared by all its streams.</summary>
    public long BufferedBytes => _ring.Bytes;

    /// <summary>Streams that hold the feed, and warm-ups under way. Guarded by the hub.</summary>
    public int References { get; set; }

    /// <summary>When the last reference was given back, in <see cref="Environment.TickCount64"/> milliseconds. Guarded by the
    /// hub.</summary>
    public long IdleSince { get; set; }

    /// <summary>Ends when the feed is subscribed and level with the log; faulted when Redis was not reached. Set by the hub.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>Subscribes first and reads then, so that nothing falls between.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = await _bus.SubscribeAsync(_topic, Follower.OnEntry, cancellationToken);
        await Follower.InitialiseAsync(cancellationToken);
    }

    /// <summary>The newest event known here; null for a topic without a log.</summary>
    public EventId? Tail
    {
        get
        {
            lock (_ring.Gate)
                return _ring.Tail;
        }
    }

    /// <summary>Whether the topic's newest event, as far as it is known here, is its end.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_ring.Gate)
                return _ring.End is not null;
        }
    }

    /// <summary>Whether a client that comes back with this cursor has had everything of a topic that has ended.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public async ValueTask<bool> HasEndedAtAsync(EventId cursor)
    {
        lock (_ring.Gate)
        {
            // An end that is known here is asked for all the same: 204 is final for a client, and the topic may have been opened again a
            // moment ago.
            if (_ring.End is { } end && !end.IsSameEventAs(cursor))
                return false;
            // An end is the newest event of all; a cursor behind events of the same log is none.
            if (_ring.Tail is { } tail && tail.Epoch == cursor.Epoch && cursor.Offset < tail.Offset || _ring.TryLocate(cursor, out _))
                return false;
        }
        var position = await _log.GetPositionAsync(_topic);
        return position.End is { } logged && logged.IsSameEventAs(cursor);
    }

    /// <summary>Begins to serve a stream from its cursor; it lives on until <see cref="StreamConnection.Closed"/>.</summary>
    public void Attach(StreamConnection stream)
    {
        stream.Written = _enqueue;
        Pump.Enqueue(stream);
        _ = ReplayAsync(stream);
    }

    public void Dispose()
    {
        Pump.Dispose();
        Follower.Stop();
        _subscription?.Dispose();
    }

    // Feeds a stream from the log until the ring holds what comes next, then hands it to the pump.
    private async Task ReplayAsync(StreamConnection stream)
    {
        var retry = TimeSpan.Zero;
        try
        {
            while (stream.State == StreamState.CatchingUp && !stream.Sink.IsClosed && !stream.IsCloseRequested)
            {
                try
                {
                    if (stream.StateAfter is { } place)
                        await ReplayStateAsync(stream, place);
                    else if (TryHandOver(stream) || await ReplayPageAsync(stream))
                        return;
                    retry = TimeSpan.Zero;
                }
                catch (EventStreamUnavailableException e)
                {
                    // Closed, it would come back when its client has waited, and keep Redis and the replicas busy until then; it waits here
                    // instead, as the live streams do.
                    if (retry == TimeSpan.Zero)
                        LogReplayWaits(_topic, e.Message);
                    retry = TimeSpan.FromMilliseconds(
                        Math.Clamp(retry.TotalMilliseconds * 2, FirstRetryMilliseconds, LastRetryMilliseconds)
                    );
                    await WaitAsync(stream, Task.Delay(retry));
                }
            }
            CountBeginning(stream, "gone");
            stream.CloseAsOwner(StreamClose.Gone);
        }
        catch (Exception e)
        {
            CountBeginning(stream, "unavailable");
            LogReplayFailed(_topic, e);
            stream.CloseAsOwner(StreamClose.Unavailable);
        }
    }

    private bool TryHandOver(StreamConnection stream)
    {
        lock (_ring.Gate)
        {
            if (!_ring.TryLocate(stream.Cursor, out var position))
                return false;
            stream.Position = position;
        }
        CountBeginning(stream, stream.Beginning);
        if (stream.TryMove(StreamState.CatchingUp, StreamState.Live))
            Pump.Enqueue(stream);
        return true;
    }

    // Once a stream, and not again when it falls behind later.
    private void CountBeginning(StreamConnection stream, string? outcome)
    {
        if (stream.Beginning is null)
            return;
        stream.Beginning = null;
        _metrics.Replay(outcome!);
    }

    // True when the stream is over.
    private async Task<bool> ReplayPageAsync(StreamConnection stream)
    {
        var reading = _pages.ReadAsync(stream.Cursor);
        if (!await WaitAsync(stream, reading))
            return false;
        var page = await reading;
        var resumption = Resumption.Resolve(stream.Cursor, page.Position, page.Before);
        if (resumption.GapReason is not null && stream.FollowsState)
        {
            await TellGapAsync(stream, resumption);
            return false;
        }
        if (resumption.EndsLife)
            stream.Earlier = Follower.SeenBy(stream.Cursor) ?? stream.Earlier;
        var pieces = resumption.Pieces(page, stream.Earlier, _options.SnapshotUrl?.Invoke(_topic));
        stream.Cursor = resumption.StartAfter;
        foreach (var piece in pieces)
        {
            if (stream.Sink.IsClosed || stream.IsCloseRequested)
                return false;
            await WriteAsync(stream, piece);
            stream.Cursor = piece.Cursor;
            piece.GapReasons?.ForEach(_metrics.Gap);
            if (piece.GapReasons is not null && stream.Beginning is not null)
                stream.Beginning = "gap";
            _metrics.Delivered(piece.EventCount);
            if (!piece.IsEnd)
                continue;
            CountBeginning(stream, stream.Beginning);
            stream.CloseAsOwner(stream.Sink.IsClosed ? StreamClose.Gone : StreamClose.Ended);
            return true;
        }
        // Where there was nothing, all that the log has is written and the ring does not know the place: this replica is behind the log.
        // And behind the end of an epoch of the log, the ring may still hold that epoch, in which the stream would find the beginning and
        // get everything again.
        if (pieces.Length == 0 || resumption.EndsLife)
            await WaitAsync(stream, Follower.HealAsync("behind"));
        return false;
    }

    // A part of the state; behind the last one, the stream goes on in the log.
    private async Task ReplayStateAsync(StreamConnection stream, StateCursor place)
    {
        var reading = _pages.ReadStateAsync(place);
        if (!await WaitAsync(stream, reading))
            return;
        var part = await reading;
        await WriteAsync(stream, block: part.Bytes);
        stream.StateAfter = part.Next;
        stream.Cursor = part.Cursor;
    }

    // Behind the gap the state is given anew. The notice's id leads there too, should the connection break in between.
    private async Task TellGapAsync(StreamConnection stream, Resumption gap)
    {
        var notice = new StreamGap(
            gap.GapReason!,
            gap.MissedFrom,
            gap.MissedTo,
            StateCursorText.Start.ToWire(),
            _options.SnapshotUrl?.Invoke(_topic),
            _topic.Name
        );
        stream.StateAfter = StateCursorText.Start;
        // Its state is thrown away, and so nothing of it may be left out as seen before.
        stream.Earlier = null;
        _metrics.Gap(gap.GapReason!);
        if (stream.Beginning is not null)
            stream.Beginning = "gap";
        await WriteAsync(stream, block: WireBytes.Of(SseEncoder.Gap(notice)));
    }

    // Waits for something that may take as long as Redis is away: until then, or until the stream is to be closed, its client and whatever
    // is between get their heartbeats. True when it has come.
    private async Task<bool> WaitAsync(StreamConnection stream, Task task)
    {
        while (!task.IsCompleted && !stream.Sink.IsClosed && !stream.IsCloseRequested)
        {
            await Task.WhenAny(task, Task.Delay(DisconnectPollInterval));
            if (!task.IsCompleted && Environment.TickCount64 - stream.Sink.LastWriteAt >= _options.HeartbeatInterval.TotalMilliseconds)
                await WriteAsync(stream, batch: null);
        }
        if (!task.IsCompleted)
            return false;
        await task;
        return true;
    }

    // Frames, a block of the stream's own, or a heartbeat.
    private static async Task WriteAsync(StreamConnection stream, FrameBatch? batch = null, WireBytes? block = null)
    {
        stream.Sink.LastWriteAt = Environment.TickCount64;
        stream.IsReplayBlocked = true;
        await (
            batch is not null ? stream.Sink.WriteAsync(batch, stream.Earlier)
            : block is not null ? stream.Sink.WriteAsync(block)
            : stream.Sink.WriteHeartbeatAsync()
        );
        stream.IsReplayBlocked = false;
    }

    [LoggerMessage(LogLevel.Warning, "Topic {Topic}: a stream waits, since the log cannot be read. {Reason}")]
    private partial void LogReplayWaits(Topic topic, string reason);

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: a stream is closed, to be resumed by its client, since its replay failed.")]
    private partial void LogReplayFailed(Topic topic, Exception exception);
}
