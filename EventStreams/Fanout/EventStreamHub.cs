using EventStreams.Bus;
using EventStreams.Telemetry;
using EventStreams.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStreams.Fanout;

/// <summary>Holds a feed for every topic that this replica serves: made with the first stream, given up a while after the last.</summary>
internal sealed partial class EventStreamHub(
    RedisEventBus bus,
    IEventLog log,
    IOptions<EventStreamsOptions> options,
    EventStreamsMetrics metrics,
    ILogger<EventStreamHub> logger
) : IEventStreamHub, IDisposable
{
    // Enough at a time to fill the pipeline to Redis, and few enough to leave room for others.
    private const int TopicsAtATime = 256;

    // About as many as one replica reads.
    private const int HealedInAMillisecond = 20;

    // Pages are large: few at a time keep both ends busy.
    private const int PagesAtATime = 2;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _pageReads = new(PagesAtATime);
    private readonly Dictionary<Topic, TopicFeed> _feeds = [];
    private readonly FlushQueue[] _flushQueues =
    [
        .. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new FlushQueue(options.Value, logger)),
    ];
    private int _nextFlushQueue;
    private int _streams;
    private long _opened;
    private volatile bool _isDraining;
    private int _healRound;

    public bool IsDraining => _isDraining;

    public int StreamCount => Volatile.Read(ref _streams);

    /// <summary>Streams opened since the process began.</summary>
    public long OpenedSoFar => Volatile.Read(ref _opened);

    public int TopicCount
    {
        get
        {
            lock (_gate)
                return _feeds.Count;
        }
    }

    /// <summary>Bytes of the frames that are held for all topics.</summary>
    public long BufferedBytes
    {
        get
        {
            lock (_gate)
                return _feeds.Values.Sum(feed => feed.BufferedBytes);
        }
    }

    public async Task WarmAsync(Topic topic, CancellationToken cancellationToken = default)
    {
        var feed = Acquire(topic);
        try
        {
            await feed.Ready.WaitAsync(cancellationToken);
        }
        finally
        {
            Release(topic, feed);
        }
    }

    /// <summary>Takes hold of a topic's feed; await <see cref="TopicFeed.Ready"/>, and give it back with <see cref="Release"/>.</summary>
    public TopicFeed Acquire(Topic topic)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(topic, out var feed) || feed.Ready.IsFaulted)
            {
                feed = new TopicFeed(topic, bus, log, options.Value, metrics, logger, _pageReads);
                _feeds[topic] = feed;
                feed.Ready = feed.StartAsync(CancellationToken.None);
            }
            feed.References++;
            return feed;
        }
    }

    /// <summary>Gives a feed back.</summary>
    public void Release(Topic topic, TopicFeed feed)
    {
        lock (_gate)
        {
            if (--feed.References > 0)
                return;
            feed.IdleSince = Environment.TickCount64;
            if (!feed.Ready.IsFaulted)
                return;
            if (_feeds.TryGetValue(topic, out var current) && current == feed)
                _feeds.Remove(topic);
        }
        feed.Dispose();
    }

    /// <summary>Begins to serve a stream of one topic or several, each from its cursor; when it is over, tell <see cref="End"/>.</summary>
    public void Begin(IReadOnlyCollection<(TopicFeed Feed, StreamConnection Connection)> topics)
    {
        Interlocked.Increment(ref _streams);
        Interlocked.Increment(ref _opened);
        metrics.StreamOpened();
        foreach (var (feed, connection) in topics)
        {
            // One that was let in just before the drain began; the drain may have seen nobody.
            if (_isDraining)
                connection.RequestClose(StreamClose.Draining);
            feed.Attach(connection);
        }
    }

    /// <summary>A stream is over.</summary>
    public void End()
    {
        metrics.StreamClosed();
        Interlocked.Decrement(ref _streams);
    }

    /// <summary>Where a new stream over several topics has its writes done: by one of as many queues as there are processors.</summary>
    public FlushQueue NextFlushQueue() => _flushQueues[(int)((uint)Interlocked.Increment(ref _nextFlushQueue) % (uint)_flushQueues.Length)];

    /// <summary>Heartbeats, slow streams, and topics whose last stream left a while ago.</summary>
    public void RunMaintenance()
    {
        List<(Topic Topic, TopicFeed Feed)> idle = [];
        List<TopicFeed> served = [];
        lock (_gate)
        {
            var now = Environment.TickCount64;
            foreach (var (topic, feed) in _feeds)
            {
                if (
                    feed.References == 0
                    && feed.Ready.IsCompleted
                    && now - feed.IdleSince >= options.Value.SubscriptionLinger.TotalMilliseconds
                )
                    idle.Add((topic, feed));
                else
                    served.Add(feed);
            }
            foreach (var (topic, _) in idle)
                _feeds.Remove(topic);
        }
        foreach (var (_, feed) in idle)
            feed.Dispose();
        // Passes over small topics run here, and the hub must not wait for them.
        foreach (var feed in served)
            feed.Pump.RequestHousekeeping();
    }

    /// <summary>Has streams looked at that may have to end: those of a topic, or all.</summary>
    public void CheckGrants(Topic? topic)
    {
        List<TopicFeed> feeds;
        lock (_gate)
            feeds =
                topic is not { } only ? [.. _feeds.Values]
                : _feeds.TryGetValue(only, out var its) ? [its]
                : [];
        // The passes of small topics run here, and whoever brings the message must not wait for them.
        ThreadPool.UnsafeQueueUserWorkItem(
            static feeds => feeds.ForEach(static feed => feed.Pump.RequestHousekeeping()),
            feeds,
            preferLocal: false
        );
    }

    /// <summary>Gives the streams of a topic that asked for it the number of those who follow.</summary>
    public void SayPresence(Topic topic, WireBytes presence)
    {
        TopicFeed? feed;
        lock (_gate)
            _feeds.TryGetValue(topic, out feed);
        feed?.Pump.SayPresence(presence);
    }

    /// <summary>Compares every served topic with its log.</summary>
    public async Task CheckTailsAsync()
    {
        foreach (var feeds in ReadyFeeds().Chunk(TopicsAtATime))
            await Task.WhenAll(feeds.Select(feed => feed.Follower.CheckTailAsync()));
    }

    /// <summary>
    /// Messages may have been lost everywhere. Every topic is read, so many at a time; replicas that lost their connections together begin
    /// apart, and with other topics. What comes while that is under way begins it anew.
    /// </summary>
    public async Task HealAllAsync(string cause)
    {
        var round = Interlocked.Increment(ref _healRound);
        var feeds = ReadyFeeds().ToArray();
        Random.Shared.Shuffle(feeds);
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(1 + feeds.Length / HealedInAMillisecond)));
        foreach (var part in feeds.Chunk(TopicsAtATime))
        {
            if (round != Volatile.Read(ref _healRound))
                return;
            // Those whose server is away try again by themselves, and hold up nobody.
            await Task.WhenAny(Task.WhenAll(part.Select(feed => feed.Follower.HealAsync(cause))), Task.Delay(options.Value.RedisTimeout));
        }
    }

    /// <summary>Closes every stream, in batches over <see cref="EventStreamsOptions.DrainTime"/>, each told when to come back; new ones are
    /// turned away in the meantime.</summary>
    public async Task DrainAsync()
    {
        const int Steps = 20;
        _isDraining = true;
        // Either a stream that begins now sees the flag, or it is counted here.
        Interlocked.MemoryBarrier();
        var open = StreamCount;
        if (open == 0)
            return;
        LogDraining(open);
        var perStep = Math.Max(50, (open + Steps - 1) / Steps);
        var pause = options.Value.DrainTime / Steps;
        while (StreamCount > 0)
        {
            var quota = perStep;
            // A stream has no part left in a topic that has ended, unless it still catches up there.
            foreach (var feed in ReadyFeeds().OrderBy(static feed => feed.HasEnded))
            {
                var share = Math.Min(quota, feed.References);
                if (share <= 0)
                    continue;
                feed.Pump.RequestClose(share);
                quota -= share;
                if (quota <= 0)
                    break;
            }
            await Task.Delay(pause);
        }
    }

    public int CloseShare(double share)
    {
        if (share is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share is from 0 to 1.");
        // Streams of topics that have ended close by themselves, or have other topics.
        var feeds = ReadyFeeds().FindAll(static feed => !feed.HasEnded);
        var references = feeds.Sum(static feed => feed.References);
        if (references == 0)
            return 0;
        // A stream over several topics stands in several feeds. What is left of one feed's part is carried to the next.
        var ofEach = share * StreamCount / references;
        var carried = Random.Shared.NextDouble();
        var sum = 0;
        foreach (var feed in feeds)
        {
            carried += ofEach * feed.References;
            var count = (int)carried;
            if (count == 0)
                continue;
            carried -= count;
            feed.Pump.RequestClose(count);
            sum += count;
        }
        return sum;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var feed in _feeds.Values)
                feed.Dispose();
            _feeds.Clear();
        }
        foreach (var queue in _flushQueues)
            queue.Dispose();
    }

    private List<TopicFeed> ReadyFeeds()
    {
        lock (_gate)
            return [.. _feeds.Values.Where(feed => feed.Ready.IsCompletedSuccessfully)];
    }

    [LoggerMessage(LogLevel.Information, "Closing {Count} streams; their clients resume on other replicas.")]
    private partial void LogDraining(int count);
}
