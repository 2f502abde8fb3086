using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventStreams.Bus;
using EventStreams.Redis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStreams.Access;

/// <summary>
/// What this replica knows of the revocations: told by a channel, and read from Redis at the start, when messages may have been lost, and
/// at intervals. What is known is not forgotten when Redis loses it.
/// </summary>
internal sealed partial class Revocations(
    RevocationLog log,
    RedisEventBus bus,
    IOptions<EventStreamsOptions> options,
    IOptions<StreamAccessOptions> access,
    RedisClock clock,
    ILogger<Revocations> logger
) : IDisposable
{
    // Looks that may fail before nothing is granted on what is known; only who has no credential is let in then.
    private const int Patience = 3;

    // Read again with every look, as a server that took over may not know the newest times, and be behind them.
    private const long Overlap = 60_000_000;

    // To the time; below zero where it was lifted then, so that an older message does not bring it back.
    private readonly ConcurrentDictionary<string, long> _topics = new();
    private readonly ConcurrentDictionary<string, long> _subjects = new();
    private readonly SemaphoreSlim _looking = new(1);
    private IDisposable? _subscription;
    private long _lastLook;
    private long _newest;
    private bool _isAway;

    /// <summary>Raised when something was revoked; with the topic, or null when it may concern any.</summary>
    public event Action<Topic?>? Added;

    /// <summary>Whether a credential of that time gives no right to the topic (any more).</summary>
    public bool Refuse(Topic topic, string? subject, long issuedAt) =>
        !_topics.IsEmpty && IsAfter(_topics, topic.Name, issuedAt)
        || subject is not null && !_subjects.IsEmpty && IsAfter(_subjects, subject, issuedAt);

    /// <summary>Makes sure that what is known is not old.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis was not reached in time, so that it cannot be told.</exception>
    public ValueTask EnsureCurrentAsync(CancellationToken cancellationToken) =>
        IsCurrent ? ValueTask.CompletedTask : new ValueTask(LookAsync(onlyIfOld: true).WaitAsync(cancellationToken));

    /// <summary>Reads what was revoked since the last look; where Redis is away, the next look does.</summary>
    public async Task LookAsync()
    {
        try
        {
            await LookAsync(onlyIfOld: false);
            _isAway = false;
        }
        catch (EventStreamUnavailableException e)
        {
            if (!_isAway)
                LogAway(e.Message);
            _isAway = true;
        }
    }

    private bool IsCurrent =>
        Volatile.Read(ref _lastLook) is var last and not 0 && Stopwatch.GetElapsedTime(last) < options.Value.TailCheckInterval * Patience;

    // Subscribes first, as long as that has not been done.
    private async Task LookAsync(bool onlyIfOld)
    {
        await _looking.WaitAsync();
        try
        {
            if (onlyIfOld && IsCurrent)
                return;
            _subscription ??= await bus.SubscribeAsync(keys => keys.RevokedChannel, OnMessage, CancellationToken.None);
            var (now, entries) = await log.ReadAsync(_newest - Overlap);
            clock.Observe(now);
            foreach (var (name, at) in entries)
            {
                Take(name, at);
                _newest = Math.Max(_newest, at);
            }
            Forget(now - (long)access.Value.RevocationTimeToLive.TotalMicroseconds);
            Volatile.Write(ref _lastLook, Stopwatch.GetTimestamp());
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose()
    {
        _subscription?.Dispose();
        _looking.Dispose();
    }

    private static bool IsAfter(ConcurrentDictionary<string, long> revoked, string name, long issuedAt) =>
        revoked.TryGetValue(name, out var at) && at > 0 && issuedAt <= at;

    private void OnMessage(ReadOnlyMemory<byte> message)
    {
        var text = Encoding.UTF8.GetString(message.Span);
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space > 0 && long.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            Take(text[(space + 1)..], at);
        else
            LogUnreadable();
    }

    private void Take(string name, long at)
    {
        var isLifted = name.StartsWith(RevocationLog.Lifted, StringComparison.Ordinal);
        var who = isLifted ? name[1..] : name;
        if (who.Length < 2)
        {
            LogUnreadable();
            return;
        }
        var isTopic = who[0] == RevocationLog.TopicKind;
        var revoked = isTopic ? _topics : _subjects;
        who = who[1..];
        while (true)
        {
            if (!revoked.TryGetValue(who, out var before))
            {
                if (revoked.TryAdd(who, isLifted ? -at : at))
                    break;
            }
            else if (Math.Abs(before) >= at)
            {
                return;
            }
            else if (revoked.TryUpdate(who, isLifted ? -at : at, before))
            {
                break;
            }
        }
        if (!isLifted)
            Added?.Invoke(isTopic && Topic.TryParse(who, out var topic) ? topic : null);
    }

    private void Forget(long before)
    {
        foreach (var revoked in new[] { _topics, _subjects })
        {
            foreach (var old in revoked)
            {
                if (Math.Abs(old.Value) < before)
                    revoked.TryRemove(old);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "It cannot be read what was revoked; streams that need a credential wait. {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(LogLevel.Warning, "Something else writes to the channel or the set of revocations; it is left out.")]
    private partial void LogUnreadable();
}
