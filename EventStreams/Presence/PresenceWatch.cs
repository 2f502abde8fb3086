using System.Text;
using EventStreams.Bus;
using EventStreams.Wire;
using Microsoft.Extensions.Logging;

namespace EventStreams.Presence;

/// <summary>
/// Tells the others what streams this replica has, and those of its streams that want to know how many there are in all. Once a second at
/// the most, whatever happens; every three seconds where nothing does.
/// </summary>
internal sealed partial class PresenceWatch(PresenceBoard board, PresenceLog log, RedisEventBus bus, ILogger<PresenceWatch> logger)
    : IDisposable
{
    /// <summary>How often <see cref="BeatAsync"/> is to be called.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private const int IdleBeats = 3;
    private const int TopicsPerCall = 200;

    // Of this process: one that was started again under the same name is another replica.
    private readonly string _name = Guid.NewGuid().ToString("N")[..16];
    private readonly Lock _gate = new();
    private readonly HashSet<Topic> _due = [];
    private readonly Dictionary<Topic, (int Streams, int Subjects)> _told = [];
    private string[] _replicas = [];
    private IDisposable? _subscription;
    private Task _beat = Task.CompletedTask;
    private int _idle;
    private bool _hasBegun;
    private bool _isAway;

    /// <summary>Raised when a topic's count has changed, with the block that tells it.</summary>
    public event Action<Topic, WireBytes>? Counted;

    /// <summary>Tells what has changed, and hears what has changed elsewhere.</summary>
    public Task BeatAsync() => _beat = BeatOnceAsync();

    /// <summary>Takes this replica's streams out of the count.</summary>
    public async Task LeaveAsync()
    {
        // One that is under way would bring the share back.
        await Task.WhenAny(_beat);
        // The share expires by itself.
        if (_isAway)
            return;
        try
        {
            await log.LeaveAsync(_name);
        }
        catch (EventStreamUnavailableException e)
        {
            LogAway(e.Message);
        }
    }

    public void Dispose() => StopListening();

    private async Task BeatOnceAsync()
    {
        var changes = board.TakeChanges();
        try
        {
            if (changes.Count > 0 || _idle++ % IdleBeats == 0)
                await TellAsync(changes);
            await InformAsync();
            _isAway = false;
        }
        catch (EventStreamUnavailableException e)
        {
            board.Changed(changes.Select(change => change.Topic));
            if (!_isAway)
                LogAway(e.Message);
            _isAway = true;
        }
    }

    private async Task TellAsync(List<(Topic Topic, string Text)> changes)
    {
        var wasThere = true;
        var replicas = _replicas;
        for (var from = 0; from == 0 || from < changes.Count; from += TopicsPerCall)
        {
            (var isThere, replicas) = await log.TellAsync(_name, changes.GetRange(from, Math.Min(TopicsPerCall, changes.Count - from)));
            wasThere &= isThere || from > 0;
        }
        // Redis has lost it, or this replica was away for longer than its share lives.
        if (!wasThere && _hasBegun)
            board.AllChanged();
        _hasBegun = true;
        if (!replicas.AsSpan().SequenceEqual(_replicas))
            Due(board.Watched());
        _replicas = replicas;
    }

    private async Task InformAsync()
    {
        var watched = board.Watched();
        if (watched.Count == 0)
        {
            StopListening();
            _told.Clear();
            return;
        }
        if (_subscription is null)
        {
            _subscription = await bus.SubscribeAsync(keys => keys.PresenceChannel, OnMessage, CancellationToken.None);
            bus.Disturbed += OnDisturbed;
        }
        List<Topic> due;
        lock (_gate)
        {
            due = [.. watched.Where(topic => _due.Contains(topic) || !_told.ContainsKey(topic))];
            _due.Clear();
        }
        if (due.Count == 0)
            return;
        try
        {
            var counts = await log.ReadAsync(due, CancellationToken.None);
            for (var i = 0; i < due.Count; i++)
                Tell(due[i], counts[i]);
        }
        catch (EventStreamUnavailableException)
        {
            Due(due);
            throw;
        }
        foreach (var gone in _told.Keys.Except(watched).ToList())
            _told.Remove(gone);
    }

    private void Tell(Topic topic, StreamSubscribers subscribers)
    {
        var count = (subscribers.Streams, subscribers.Subjects.Count);
        if (_told.TryGetValue(topic, out var before) && before == count)
            return;
        _told[topic] = count;
        Counted?.Invoke(topic, WireBytes.Of(SseEncoder.Presence(topic, count.Streams, count.Count)));
    }

    private void OnMessage(ReadOnlyMemory<byte> message)
    {
        foreach (var name in Encoding.ASCII.GetString(message.Span).Split(' '))
        {
            if (Topic.TryParse(name, out var topic))
                Due([topic]);
        }
    }

    // Messages may have been lost, and nobody repeats them.
    private void OnDisturbed(string cause) => Due(board.Watched());

    private void StopListening()
    {
        bus.Disturbed -= OnDisturbed;
        _subscription?.Dispose();
        _subscription = null;
    }

    private void Due(IEnumerable<Topic> topics)
    {
        lock (_gate)
            _due.UnionWith(topics);
    }

    [LoggerMessage(LogLevel.Warning, "It cannot be told, or heard, who follows what; the counts of this replica's streams wait. {Reason}")]
    private partial void LogAway(string reason);
}
