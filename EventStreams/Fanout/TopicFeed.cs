using EventStreams.Bus;
using EventStreams.Http;
using EventStreams.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventStreams.Fanout;

/// <summary>What one replica does for one topic: follow the log, keep the ring, pump it to the streams, and replay for those that are further behind.</summary>
internal sealed partial class TopicFeed : IAsyncDisposable
{
    private const double FirstRetryMilliseconds = 50;
    private const double LastRetryMilliseconds = 500;

    // How soon a stream that waits notices that its client has gone.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private static readonly WireBytes Heartbeat = WireBytes.Of(SseEncoder.Heartbeat);

    private readonly Topic _topic;
    private readonly IEventBus _bus;
    private readonly EventStreamsMetrics _metrics;
    private readonly ILogger _logger;
    private readonly EventStreamsOptions _options;
    private readonly FrameRing _ring;
    private readonly TopicPump _pump;
    private readonly TopicFollower _follower;
    private readonly Action<StreamConnection> _enqueue;
    private IAsyncDisposable? _subscription;

    public TopicFeed(Topic topic, IEventBus bus, IEventLog log, EventStreamsOptions options, EventStreamsMetrics metrics, ILogger logger)
    {
        _topic = topic;
        _bus = bus;
        _options = options;
        _metrics = metrics;
        _logger = logger;
        _ring = new FrameRing(options.RingCapacity);
        _pump = new TopicPump(_ring, topic, options, metrics, stream => _ = ReplayAsync(stream));
        _enqueue = _pump.Enqueue;
        _follower = new TopicFollower(topic, _ring, log, options, metrics, logger, _pump.OnAppended);
    }

    /// <summary>Streams that hold the feed, and warm-ups under way. Guarded by the hub.</summary>
    public int References { get; set; }

    /// <summary>When the last reference was given back, in <see cref="Environment.TickCount64"/> milliseconds. Guarded by the hub.</summary>
    public long IdleSince { get; set; }

    /// <summary>Ends when the feed is subscribed and level with the log; faulted when Redis was not reached. Set by the hub.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>Subscribes first and reads then, so that nothing falls between.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = await _bus.SubscribeAsync(_topic, _follower.OnEntry, cancellationToken);
        await _follower.InitialiseAsync(cancellationToken);
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

    /// <summary>Whether a client that comes back with this cursor has had everything of a topic that has ended.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public async ValueTask<bool> HasEndedAtAsync(EventId cursor)
    {
        lock (_ring.Gate)
        {
            if (_ring.End is { } end)
                return end.IsSameEventAs(cursor);
            if (_ring.TryLocate(cursor, out _))
                return false;
        }
        var page = await _follower.ReadAsync(cursor);
        return page.Page.Position.End is { } logged && logged.IsSameEventAs(cursor);
    }

    /// <summary>Begins to serve a stream from its cursor; it lives on until <see cref="StreamConnection.Closed"/>.</summary>
    public void Attach(StreamConnection stream)
    {
        stream.Written = _enqueue;
        _pump.Enqueue(stream);
        _ = ReplayAsync(stream);
    }

    /// <summary>The place of a closed stream may be cleared.</summary>
    public void OnStreamClosed() => _pump.OnClosed();

    /// <summary>Bytes that the topic's frames take in memory, shared by all its streams.</summary>
    public long BufferedBytes => _ring.Bytes;

    public Task HealAsync(string cause) => _follower.HealAsync(cause);

    public Task CheckTailAsync() => _follower.CheckTailAsync();

    public void RequestHousekeeping() => _pump.RequestHousekeeping();

    public void RequestClose(int streams) => _pump.RequestClose(streams);

    public async ValueTask DisposeAsync()
    {
        _pump.Dispose();
        _follower.Stop();
        if (_subscription is not null)
            await _subscription.DisposeAsync();
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
                    if (TryHandOver(stream) || await ReplayPageAsync(stream))
                        return;
                    retry = TimeSpan.Zero;
                }
                catch (EventStreamUnavailableException e)
                {
                    // Closed, it would come back when its client has waited, and keep Redis and the replicas busy until then; it waits here instead, as the live streams do.
                    if (retry == TimeSpan.Zero)
                        LogReplayWaits(_topic, e.Message);
                    retry = TimeSpan.FromMilliseconds(Math.Clamp(retry.TotalMilliseconds * 2, FirstRetryMilliseconds, LastRetryMilliseconds));
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
            _pump.Enqueue(stream);
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
        var page = await _follower.ReadAsync(stream.Cursor);
        var resumption = Resumption.Resolve(stream.Cursor, page.Page);
        var frames = new List<Frame>();
        if (resumption.EndsLife)
            stream.Earlier = _follower.SeenBy(stream.Cursor) ?? stream.Earlier;
        var goesOnAfter = resumption.Mark(stream.Earlier);
        if (resumption.ToGap(_options.SnapshotUrl?.Invoke(_topic), goesOnAfter) is { } gap)
        {
            _metrics.Gap(gap.Reason);
            if (stream.Beginning is not null)
                stream.Beginning = "gap";
            frames.Add(Frame.OfGap(gap, goesOnAfter, stream.Earlier));
        }
        var cursor = resumption.StartAfter;
        foreach (var frame in page.Frames)
        {
            if (frame.Id.Epoch == cursor?.Epoch && frame.Id.Offset == cursor?.Offset + 1)
            {
                frames.Add(frame);
                cursor = frame.Id;
            }
        }
        if (resumption.End is { } end && cursor?.Offset == end.Offset - 1)
        {
            frames.Add(Frame.OfEnd(end));
            cursor = end;
        }
        stream.Cursor = cursor;
        if (frames.Count == 0)
        {
            // All that the log has is written, and the ring does not know the place: this replica is behind the log.
            await WaitAsync(stream, _follower.HealAsync("behind"));
            return false;
        }
        var delivered = 0;
        foreach (var frame in frames)
        {
            var isRepeated = stream.Earlier is { } seen && seen.Has(frame);
            await WriteAsync(stream, isRepeated ? frame.PlaceOnly() : frame.Bytes);
            if (frame.Kind != FrameKind.Gap && !isRepeated)
                delivered++;
        }
        _metrics.Delivered(delivered);
        if (frames[^1].Kind == FrameKind.End)
        {
            CountBeginning(stream, stream.Beginning);
            stream.CloseAsOwner(stream.Sink.IsClosed ? StreamClose.Gone : StreamClose.Ended);
            return true;
        }
        // The ring may still hold the life that is over, in which the stream would find the beginning and get everything again.
        if (resumption.EndsLife)
            await WaitAsync(stream, _follower.HealAsync("behind"));
        return false;
    }

    // Waits for something that may take as long as Redis is away: until then, or until the stream is to be closed, its client and whatever is between get their heartbeats.
    private async Task WaitAsync(StreamConnection stream, Task task)
    {
        while (!task.IsCompleted && !stream.Sink.IsClosed && !stream.IsCloseRequested)
        {
            await Task.WhenAny(task, Task.Delay(Glance));
            if (!task.IsCompleted && Environment.TickCount64 - stream.LastWriteAt >= _options.HeartbeatInterval.TotalMilliseconds)
                await WriteAsync(stream, Heartbeat);
        }
        if (task.IsCompleted)
            await task;
    }

    private static async Task WriteAsync(StreamConnection stream, WireBytes bytes)
    {
        stream.LastWriteAt = Environment.TickCount64;
        stream.IsReplayBlocked = true;
        await stream.Sink.WriteAsync(bytes);
        stream.IsReplayBlocked = false;
    }

    [LoggerMessage(LogLevel.Warning, "Topic {Topic}: a stream waits, since the log cannot be read. {Reason}")]
    private partial void LogReplayWaits(Topic topic, string reason);

    [LoggerMessage(LogLevel.Error, "Topic {Topic}: a stream is closed, to be resumed by its client, since its replay failed.")]
    private partial void LogReplayFailed(Topic topic, Exception exception);
}
