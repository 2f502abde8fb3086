using System.Net;
using EventStreams.Access;
using EventStreams.Fanout;
using EventStreams.Presence;
using EventStreams.Telemetry;
using EventStreams.Wire;
using Microsoft.Extensions.Logging;

namespace EventStreams.Http;

/// <summary>
/// A stream of one topic or several whose headers have gone out, or are about to: what it needs to begin, and what it gives back when it is
/// over. Holds the topics' feeds and a place of the replica; <see cref="RunAsync"/> or
/// <see cref="Dispose"/> gives all back.
/// </summary>
internal sealed class OpenStream : IDisposable
{
    // How long the last block may wait for a client that does not read.
    private static readonly TimeSpan LastWriteLimit = TimeSpan.FromSeconds(2);

    private readonly EventStreamHub _hub;
    private readonly FollowedTopics _topics;
    private readonly StreamStart[] _starts;
    private readonly StreamGrant[] _grants;
    private readonly StreamAdmission _admissions;
    private readonly IPAddress? _address;
    private readonly PresenceBoard _presence;
    private readonly PresenceWish _wish;
    private readonly EventStreamsOptions _options;
    private readonly EventStreamsMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TopicFeed[] _feeds;

    public OpenStream(
        EventStreamHub hub,
        FollowedTopics topics,
        StreamStart[] starts,
        StreamGrant[] grants,
        StreamAdmission admissions,
        IPAddress? address,
        PresenceBoard presence,
        PresenceWish wish,
        EventStreamsOptions options,
        EventStreamsMetrics metrics,
        ILogger logger
    )
    {
        (_hub, _topics, _starts, _grants, _admissions, _address) = (hub, topics, starts, grants, admissions, address);
        (_presence, _wish, _options, _metrics, _logger) = (presence, wish, options, metrics, logger);
        _feeds = Array.ConvertAll(topics.Names, hub.Acquire);
    }

    /// <summary>Whether the client has had everything of all topics, which have ended. Only a cursor can be an end: where there is a topic
    /// without one, the answer is there at once.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time.</exception>
    public async ValueTask<bool> HasEndedAsync(CancellationToken cancellationToken)
    {
        if (Array.Exists(_starts, static start => start.Cursor is null))
            return false;
        for (var i = 0; i < _feeds.Length; i++)
        {
            await _feeds[i].Ready.WaitAsync(cancellationToken);
            if (!await _feeds[i].HasEndedAtAsync(_starts[i].Cursor!.Value))
                return false;
        }
        return true;
    }

    /// <summary>Serves the stream until it is over. Never throws for what happens to a client or to Redis.</summary>
    public async Task RunAsync(StreamSink sink, CancellationToken gone)
    {
        try
        {
            foreach (var feed in _feeds)
                await feed.Ready.WaitAsync(gone);
            var stream = _topics.IsMultiplexed ? await BeginSeveralAsync(sink) : await BeginOneAsync(sink);
            Count(isJoining: true);
            await using var leaving = gone.UnsafeRegister(static s => ((IOpenStream)s!).RequestClose(StreamClose.Gone), stream);
            var close = await stream.Closed;
            if (!_topics.IsMultiplexed)
                _feeds[0].Pump.OnClosed();
            await SayWhyAsync(sink, stream.LastId, close);
            _hub.End();
            Count(isJoining: false);
            if (close is not (StreamClose.Gone or StreamClose.TooSlow))
                sink.Complete();
        }
        catch (EventStreamUnavailableException e)
        {
            _metrics.Rejected("unavailable", "unavailable");
            _logger.LogStreamUnavailable(_topics.ToString(), e.Message);
            await sink.WriteAsync(WireBytes.Of(SseEncoder.Busy(RetryDelay.Draw(_options), StreamBusy.Unavailable)));
            sink.Complete();
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The client went away before its stream began.
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        for (var i = 0; i < _feeds.Length; i++)
            _hub.Release(_topics.Names[i], _feeds[i]);
        _admissions.Leave(_address);
    }

    private void Count(bool isJoining)
    {
        for (var i = 0; _wish != PresenceWish.Uncounted && i < _grants.Length; i++)
        {
            if (isJoining)
                _presence.Joined(_topics.Names[i], _grants[i].Subject, _wish == PresenceWish.Told);
            else
                _presence.Left(_topics.Names[i], _grants[i].Subject, _wish == PresenceWish.Told);
        }
    }

    // Here, where nobody else writes any more, the last id is what the client has.
    private async Task SayWhyAsync(StreamSink sink, string? lastId, StreamClose close)
    {
        if (close is StreamClose.Expired or StreamClose.Revoked)
            _metrics.Expired(close == StreamClose.Revoked);
        var block = close switch
        {
            StreamClose.Expired => SseEncoder.Expired(lastId, _topics.Names, "expired"),
            StreamClose.Revoked => SseEncoder.Expired(lastId, _topics.Names, "revoked"),
            StreamClose.Draining => SseEncoder.Busy(RetryDelay.Draw(_options), StreamBusy.Draining),
            _ => null,
        };
        if (block is null)
            return;
        try
        {
            await sink.WriteAsync(WireBytes.Of(block)).AsTask().WaitAsync(LastWriteLimit);
        }
        catch (TimeoutException)
        {
            sink.Abort();
        }
    }

    private async Task<IOpenStream> BeginOneAsync(StreamSink sink)
    {
        var (cursor, earlier, opensAt) = Place(0);
        // A client that is to have the state gets an id that brings it back to the state, and to nothing else.
        var place = _starts[0].State?.ToWire() ?? opensAt.ToString();
        await sink.WriteAsync(WireBytes.Of(SseEncoder.Open(place, _topics.Names[0], _options.ReplicaId!, RetryDelay.Draw(_options))));
        if (_starts[0].IsUnknown)
            await sink.WriteAsync(WireBytes.Of(SseEncoder.Gap(UnknownCursor(0))));
        var stream = Connect(0, sink, cursor, earlier);
        _hub.Begin([(_feeds[0], stream)]);
        return stream;
    }

    private async Task<IOpenStream> BeginSeveralAsync(StreamSink sink)
    {
        var places = Enumerable.Range(0, _feeds.Length).Select(Place).ToArray();
        var stream = new MultiplexedStream(
            sink,
            Array.ConvertAll(places, static place => CursorSet.Encode(place.OpensAt)),
            _hub.NextFlushQueue()
        );
        var opened = new OpenedTopic[_feeds.Length];
        for (var i = 0; i < opened.Length; i++)
        {
            var (cursor, earlier, opensAt) = places[i];
            var hasEnded = _starts[i].Cursor is { } seen && await _feeds[i].HasEndedAtAsync(seen);
            opened[i] = new OpenedTopic(_topics.Names[i].Name, opensAt.ToString(), hasEnded);
            if (!hasEnded)
                stream.Add(_feeds[i], Connect(i, stream.SinkOf(i), cursor, earlier));
        }
        await sink.WriteAsync(
            WireBytes.Of(SseEncoder.Open(opened, _options.ReplicaId!, RetryDelay.Draw(_options), stream.Cursors.Text(0)))
        );
        for (var i = 0; i < opened.Length; i++)
        {
            if (_starts[i].IsUnknown)
                await stream.WriteAsync(i, SseEncoder.Gap(UnknownCursor(i)));
        }
        stream.Begin(_hub, _options, _metrics);
        return stream;
    }

    // A new client's first id is the place before the first event, so that even one that is cut off before it got anything has a cursor.
    private (EventId? Cursor, SeenEvents? Earlier, EventId OpensAt) Place(int index)
    {
        var tail = _feeds[index].Tail;
        var start = _starts[index];
        var cursor = start.IsAtHead ? tail : start.Cursor;
        var earlier = SeenEvents.OfBeginning(start.BeginningCursor);
        return (
            cursor,
            earlier,
            cursor ?? (tail is { } t ? new EventId(t.Epoch, 0) : Resumption.Beginning) with { Check = earlier?.Newest ?? 0 }
        );
    }

    private StreamGap UnknownCursor(int index)
    {
        _metrics.Gap(StreamGap.Unknown);
        var topic = _topics.Names[index];
        var goesOnAfter = _starts[index].State?.ToWire() ?? Resumption.CursorText(_feeds[index].Tail);
        return new StreamGap(StreamGap.Unknown, null, null, goesOnAfter, _options.SnapshotUrl?.Invoke(topic), topic.Name);
    }

    private StreamConnection Connect(int index, StreamSink sink, EventId? cursor, SeenEvents? earlier) =>
        new(sink)
        {
            Cursor = cursor,
            Grant = _grants[index],
            IsWatching = _wish == PresenceWish.Told,
            Earlier = earlier,
            FollowsState = _starts[index].FollowsState,
            StateAfter = _starts[index].State,
            Beginning = _starts[index] switch
            {
                { IsUnknown: true } => "gap",
                { State: not null } => "state",
                { Cursor: null } => "fresh",
                _ => "resumed",
            },
        };
}
