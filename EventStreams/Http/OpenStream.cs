using System.Net;
using EventStreams.Fanout;
using EventStreams.Telemetry;
using EventStreams.Wire;
using Microsoft.Extensions.Logging;

namespace EventStreams.Http;

/// <summary>A stream whose headers have gone out: what it needs to begin, and what it gives back when it is over. Holds a feed and a place of the replica; <see cref="RunAsync"/> or <see cref="Dispose"/> gives both back.</summary>
internal sealed class OpenStream(
    EventStreamHub hub, TopicFeed feed, Topic topic, StreamStart start, StreamAdmission admissions, IPAddress? address, EventStreamsOptions options, EventStreamsMetrics metrics, ILogger logger) : IDisposable
{
    /// <summary>Serves the stream until it is over. Never throws for what happens to a client or to Redis.</summary>
    public async Task RunAsync(StreamSink sink, CancellationToken gone)
    {
        try
        {
            await feed.Ready.WaitAsync(gone);
            var stream = await BeginAsync(sink);
            await using var leaving = gone.UnsafeRegister(static s => ((StreamConnection)s!).RequestClose(StreamClose.Gone), stream);
            hub.Begin(feed, stream);
            var close = await stream.Closed;
            hub.End(feed);
            if (close is not (StreamClose.Gone or StreamClose.TooSlow))
                sink.Complete();
        }
        catch (EventStreamUnavailableException e)
        {
            metrics.Rejected("unavailable", "unavailable");
            logger.LogStreamUnavailable(topic, e.Message);
            await sink.WriteAsync(WireBytes.Of(SseEncoder.Busy(RetryDelay.Draw(options), StreamBusy.Unavailable)));
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
        hub.Release(topic, feed);
        admissions.Leave(address);
    }

    private async Task<StreamConnection> BeginAsync(StreamSink sink)
    {
        var tail = feed.Tail;
        var cursor = start.IsAtHead ? tail : start.Cursor;
        // A new client's first id is the place before the first event, so that even one that is cut off before it got anything has a cursor.
        var earlier = EarlierEvents.OfMark(start.Mark);
        var opensAt = cursor ?? (tail is { } t ? new EventId(t.Epoch, 0) : Resumption.Beginning) with { Check = earlier?.Newest ?? 0 };
        await sink.WriteAsync(WireBytes.Of(SseEncoder.Open(opensAt, topic, options.ReplicaId!, RetryDelay.Draw(options))));
        if (start.IsUnknown)
        {
            metrics.Gap(StreamGap.Unknown);
            await sink.WriteAsync(WireBytes.Of(SseEncoder.Gap(
                new StreamGap(StreamGap.Unknown, null, null, Resumption.CursorText(tail), options.SnapshotUrl?.Invoke(topic)))));
        }
        return new StreamConnection(sink)
        {
            Cursor = cursor,
            Earlier = earlier,
            Beginning = start.IsUnknown ? "gap" : start.Cursor is null ? "fresh" : "resumed",
        };
    }
}
