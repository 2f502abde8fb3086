using System.ComponentModel.DataAnnotations;
using StackExchange.Redis;

namespace EventStreams;

/// <summary>Settings of the library, bound from the configuration section <c>EventStreams</c>; those of an instance with a key from
/// <c>EventStreams:Instances:KEY</c>.</summary>
public sealed class EventStreamsOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "EventStreams";

    /// <summary>The configuration section of instances with a key: one below it for each.</summary>
    public const string InstancesSectionName = SectionName + ":Instances";

    /// <summary>Starts every key and channel name: letters, digits, <c>. _ -</c>.</summary>
    [RegularExpression("^[A-Za-z0-9._-]{1,32}$")]
    public string KeyPrefix { get; set; } = "es";

    /// <summary>Where Redis is, as a StackExchange.Redis configuration; by default the connection string whose name was given when the
    /// library was added.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// How to connect, in place of <see cref="ConnectionString"/>, for what a text cannot say: certificate callbacks, or a provider (<see
    /// cref="ConfigurationOptions.Defaults"/>) whose user and password renew themselves, which are asked at every connection. A copy is
    /// used, with the library's own timeouts and policies. <c>Tunnel</c> and <c>Proxy</c> do not apply to connections that subscribe.
    /// </summary>
    public ConfigurationOptions? Connection { get; set; }

    /// <summary>
    /// The app's own connection for publishes and reads, in place of two of the library's. It stays the app's to configure (let it fail
    /// fast) and to close. Subscriptions have connections of their own all the same, made by <see cref="Connection"/> or, without one, by
    /// the text form of this one's configuration, which has no callbacks and no provider.
    /// </summary>
    public IConnectionMultiplexer? ConnectionMultiplexer { get; set; }

    /// <summary>Events that a topic's log holds at the most; older ones are trimmed.</summary>
    [Range(2, 10_000_000)]
    public int MaxLogLength { get; set; } = 10_000;

    /// <summary>
    /// Bytes that a topic's log takes at the most, types and ids included; older events are trimmed. 0, the default, for any number. The
    /// newest event is held however large it is, and the one before it is kept to prove cursors.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long MaxLogBytes { get; set; }

    /// <summary>
    /// What topics keep whose names match a pattern, in place of <see cref="MaxLogLength"/>, <see cref="MaxLogBytes"/> and
    /// <see cref="LogTimeToLive"/>. The first pattern that matches counts. Every publisher of a topic should have the same: whoever
    /// publishes trims.
    /// </summary>
    public IList<TopicRetention> Retention { get; } = [];

    /// <summary>
    /// How long a topic's log outlives the last event that was appended, at the least: up to an eighth longer. Its position (epoch, newest
    /// offset, end) and its state are kept twice as long: until then a late client is told which events it missed, and one that
    /// had the end is answered 204. After that the topic is as if it had never been: its next event begins another epoch.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan LogTimeToLive { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long the newest sequence number of a producer is remembered after its last publish.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan ProducerTimeToLive { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The largest payload, in bytes.</summary>
    [Range(1, 64 * 1024 * 1024)]
    public int MaxPayloadBytes { get; set; } = 256 * 1024;

    /// <summary>How long a call to Redis may take before it ends with <see cref="EventStreamUnavailableException"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>When a publish is acknowledged. <see cref="EventStreams.Durability.Replicated"/> is for those who need that a failover
    /// loses nothing that was.</summary>
    [EnumDataType(typeof(Durability))]
    public Durability Durability { get; set; }

    /// <summary>
    /// Replicas of Redis that must have an event before its publish is acknowledged, where <see cref="Durability"/> is
    /// <see cref="EventStreams.Durability.Replicated"/>. Whichever takes over has it when all of them are asked for; with fewer it is for
    /// the failover to choose the one that has most.
    /// </summary>
    [Range(1, 100)]
    public int ConfirmingReplicas { get; set; } = 1;

    /// <summary>How long replicas may take to confirm a publish. Shorter than <see cref="RedisTimeout"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan ConfirmationTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Frames that a replica keeps in memory for a topic that it serves; a stream further behind is served from the log.</summary>
    [Range(16, 1_048_576)]
    public int RingCapacity { get; set; } = 1024;

    /// <summary>Bytes of those frames at the most; the newest is held however large it is.</summary>
    [Range(1, 1024 * 1024 * 1024)]
    public int RingBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Events read from the log in one step.</summary>
    [Range(1, 10_000)]
    public int PageSize { get; set; } = 500;

    /// <summary>Bytes that one read of the log brings at the most, but always one event. It bounds how long a read keeps Redis from
    /// everybody else, and what a stream that is behind takes of the replica's memory.</summary>
    [Range(1, 64 * 1024 * 1024)]
    public int PageBytes { get; set; } = 256 * 1024;

    /// <summary>How long a replica stays subscribed to a topic after its last stream left, so that reconnects do not churn.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SubscriptionLinger { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the tail of every served topic is compared with the log, which finds messages that Pub/Sub lost.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan TailCheckInterval { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How often an idle stream gets a comment line.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The shortest <c>retry</c> that clients are told; each gets a random value between this and <see cref="MaxRetry"/>, so that
    /// they do not come back all at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan MinRetry { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest <c>retry</c> that clients are told.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan MaxRetry { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Streams that the replica serves at the same time; 0 for no limit. One more is held for up to 2 s in case a place becomes free, then
    /// answered 200 with <c>stream.busy</c> and a <c>retry</c> of <see cref="OverloadRetry"/>, and closed: <c>EventSource</c> would give up
    /// forever on an error. A stream takes about 10 KiB of the process (docs/performance.md), and in the kernel as much as its client lags
    /// behind.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxStreams { get; set; } = 20_000;

    /// <summary>
    /// Streams that one client address (for IPv6: one /64 network) may have on the replica at the same time; 0 for no limit, which is the
    /// default, since behind a proxy all clients have the proxy's address unless the host reads forwarded headers. Many people may share an
    /// address.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxStreamsPerAddress { get; set; }

    /// <summary>The shortest <c>retry</c> that a client is told for whom there is no place; each gets a random value between this and twice
    /// as much.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan OverloadRetry { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a stream's socket may stay blocked before the stream is dropped; the client resumes later without loss.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SlowClientTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Names this replica in <c>stream.open</c> and in telemetry. Default: <c>service.instance.id</c> of
    /// <c>OTEL_RESOURCE_ATTRIBUTES</c>, else host name and process id.</summary>
    public string? ReplicaId { get; set; }

    /// <summary>
    /// How long a topic with many streams rests at the most after an event has been written to all of them: twice as long as that took, and
    /// no longer than this. What comes meanwhile is collected and written together. A topic that is quiet, or
    /// has few streams, is written to at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan MaxCoalescing { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>How long it rests at the most where its events come faster, so that several had gathered: four times as long as writing
    /// them took, and no longer than this.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan MaxCoalescingWhenHot { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long streams are closed in batches when the replica shuts down; keep it below the host's shutdown timeout.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Streams opened after which a replica that has become idle, with nothing opened and nothing delivered for a fifth of <see
    /// cref="HeartbeatInterval"/> (at most 3 s), gives memory that their requests have left behind back to the system; 0, the default, for
    /// never. It is one full collection of the whole process, in which all threads stand still: 26 to 33 ms with 1,000 streams, 67 with
    /// 3,000, 246 with 15,000, and more in a process that has much else in memory.
    /// </summary>
    [Range(0, 1_000_000)]
    public int ReleaseMemoryAfter { get; set; }

    /// <summary>Topics whose names begin so are the service's own: what comes through <see
    /// cref="Http.EventStreamEndpoints.MapEventPublish"/> for them is refused. <see cref="IEventPublisher"/> publishes to all.</summary>
    public IList<string> ReservedTopicPrefixes { get; } = [];

    /// <summary>Where the current state of a topic can be fetched, for gap notices; null (or a null answer) for topics that have no
    /// snapshot.</summary>
    public Func<Topic, string?>? SnapshotUrl { get; set; }

    /// <summary>What a topic's log keeps.</summary>
    internal LogLimits LimitsOf(Topic topic)
    {
        foreach (var rule in Retention)
        {
            if (rule.Matches(topic))
                return new LogLimits(rule.Length ?? MaxLogLength, rule.Bytes ?? MaxLogBytes, rule.TimeToLive ?? LogTimeToLive);
        }
        return new LogLimits(MaxLogLength, MaxLogBytes, LogTimeToLive);
    }
}

/// <summary>What one topic's log keeps.</summary>
internal readonly record struct LogLimits(int Length, long Bytes, TimeSpan TimeToLive);
