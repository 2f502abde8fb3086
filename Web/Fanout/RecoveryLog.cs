using System.Globalization;

namespace Web.Fanout;

/// <summary>
/// What broke on a fan-out page and how it recovered, in sentences. Viewers that lose the same replica together are one outage, which is
/// over when all of them are served again. Thread-safe.
/// </summary>
internal sealed class RecoveryLog(TimeProvider time)
{
    /// <summary>Sentences that are kept.</summary>
    public const int MaxEntries = 50;

    // Streams of one replica are closed one after the other: so long after the last change an outage is taken to be complete.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(400);

    private readonly Lock _gate = new();
    private readonly List<RecoveryEntry> _entries = [];
    private readonly Dictionary<string, Outage> _outages = [];
    private readonly Dictionary<string, string> _causes = [];
    private Dictionary<string, bool>? _running;
    private long? _redisDownSince;
    private readonly long _began = time.GetTimestamp();
    private int _written;

    /// <summary>What happened, the newest first.</summary>
    public IReadOnlyList<RecoveryEntry> Entries
    {
        get
        {
            lock (_gate)
                return [.. _entries];
        }
    }

    /// <summary>All outages so far in numbers.</summary>
    public RecoverySum Sum { get; private set; } = new(0, 0, TimeSpan.Zero);

    /// <summary>Says why a replica is about to lose viewers, such as "was drained"; its next outage is told with it. Null when it is not
    /// going to lose them after all.</summary>
    public void Announce(string replica, string? cause)
    {
        lock (_gate)
        {
            if (cause is null)
                _causes.Remove(replica);
            else
                _causes[replica] = cause;
        }
    }

    /// <summary>Adds a sentence on what viewers do not see.</summary>
    public void Write(string text)
    {
        lock (_gate)
            Add(text);
    }

    /// <summary>A viewer changed.</summary>
    public void Observe(ViewerReport before, ViewerReport after)
    {
        if (before.IsOpen == after.IsOpen)
            return;
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (after.IsOpen)
            {
                foreach (var outage in _outages.Values)
                    outage.Back(after.Id, now);
            }
            else if (before.Replica is { } lost)
            {
                if (!_outages.TryGetValue(lost, out var outage))
                    _outages[lost] = outage = new Outage(now);
                outage.Lose(after.Id, now, _causes.GetValueOrDefault(lost));
            }
        }
    }

    /// <summary>A viewer is not wanted any more.</summary>
    public void Forget(int viewer)
    {
        lock (_gate)
        {
            foreach (var outage in _outages.Values)
                outage.Back(viewer, time.GetTimestamp());
        }
    }

    /// <summary>Takes how the replicas and Redis are, and tells the outages that are over; called every now and then.</summary>
    /// <param name="replicas">Those that are known.</param>
    /// <param name="isRedisUp">Whether Redis answers.</param>
    public void Settle(IReadOnlyList<ApiReplica> replicas, bool isRedisUp)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            foreach (
                var (replica, outage) in _outages
                    .Where(outage => outage.Value.IsOver && time.GetElapsedTime(outage.Value.ChangedAt, now) >= Settled)
                    .ToList()
            )
            {
                _outages.Remove(replica);
                // One that was announced since is that of the next outage.
                if (outage.Cause is not null)
                    _causes.Remove(replica);
                Tell(replica, outage);
            }
            TellReplicas(replicas);
            TellRedis(isRedisUp, now);
        }
    }

    private void Tell(string replica, Outage outage)
    {
        var took = time.GetElapsedTime(outage.BeganAt, outage.ChangedAt);
        Sum = new(Sum.Outages + 1, Sum.Moved + outage.Viewers.Count, took > Sum.Longest ? took : Sum.Longest);
        Add(
            outage switch
            {
                { Cause: { } cause } => $"Replica {replica} {cause}: {ViewersOf(outage)} moved in {Seconds(took)}.",
                { Viewers.Count: 1 } =>
                    $"{NameOf(outage.Viewers.First())} lost its connection, and was served again after {Seconds(took)}.",
                _ => $"Replica {replica} lost {ViewersOf(outage)}, which moved in {Seconds(took)}.",
            }
        );
    }

    private void TellReplicas(IReadOnlyList<ApiReplica> replicas)
    {
        // Those that the page finds when it is opened are no news.
        var known = _running;
        _running = replicas.ToDictionary(replica => replica.Name, replica => replica.IsRunning);
        foreach (var (name, isRunning) in known is null ? [] : _running)
        {
            if (!known!.TryGetValue(name, out var was) || was == isRunning)
                continue;
            if (isRunning)
                _causes.Remove(name);
            Add(isRunning ? $"Replica {name} runs again. Rebalance gives it viewers." : $"Replica {name} does not answer.");
        }
    }

    private void TellRedis(bool isUp, long now)
    {
        if (isUp && _redisDownSince is { } since)
        {
            _redisDownSince = null;
            Add($"Redis answers again, after {Seconds(time.GetElapsedTime(since, now))}.");
        }
        else if (!isUp && _redisDownSince is null)
        {
            _redisDownSince = now;
            Add("Redis does not answer. Streams stay open, and events wait at the publisher.");
        }
    }

    private void Add(string text)
    {
        _entries.Insert(0, new RecoveryEntry(++_written, time.GetElapsedTime(_began), text));
        if (_entries.Count > MaxEntries)
            _entries.RemoveAt(MaxEntries);
    }

    private static string ViewersOf(Outage outage) =>
        outage.Viewers.Count == 1 ? "1 viewer" : string.Create(CultureInfo.InvariantCulture, $"{outage.Viewers.Count} viewers");

    private static string NameOf(int viewer) =>
        viewer == ViewerReport.Window ? "This window" : string.Create(CultureInfo.InvariantCulture, $"Viewer {viewer}");

    private static string Seconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s");

    /// <summary>Viewers that lost one replica.</summary>
    private sealed class Outage(long began)
    {
        private readonly HashSet<int> _waiting = [];

        public long BeganAt { get; } = began;

        public long ChangedAt { get; private set; }

        /// <summary>Why, as far as it was announced.</summary>
        public string? Cause { get; private set; }

        public HashSet<int> Viewers { get; } = [];

        public bool IsOver => _waiting.Count == 0;

        public void Lose(int viewer, long now, string? cause)
        {
            Cause ??= cause;
            _waiting.Add(viewer);
            Viewers.Add(viewer);
            ChangedAt = now;
        }

        public void Back(int viewer, long now)
        {
            if (_waiting.Remove(viewer))
                ChangedAt = now;
        }
    }
}

/// <summary>One sentence of a <see cref="RecoveryLog"/>.</summary>
/// <param name="Number">Counts the sentences from 1.</param>
/// <param name="At">When it was written, since the page was opened.</param>
/// <param name="Text">The sentence.</param>
internal sealed record RecoveryEntry(int Number, TimeSpan At, string Text);

/// <summary>Outages in numbers.</summary>
/// <param name="Outages">Outages that are over.</param>
/// <param name="Moved">Viewers that were connected anew in them, each as often as it happened.</param>
/// <param name="Longest">The longest one, from the first lost connection to the last new one.</param>
internal sealed record RecoverySum(int Outages, int Moved, TimeSpan Longest);
