using System.Net;
using EventStreams.Fanout;
using EventStreams.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStreams.Http;

/// <summary>
/// Answers a request with a topic's event stream (WHATWG HTML, section 9.2). The cursor comes from the <c>Last-Event-ID</c> header, else from the query parameter <c>lastEventId</c>;
/// without one the stream begins with the oldest event that the log holds, or with <c>from=head</c> after the newest.
/// </summary>
/// <remarks>
/// Every event after the cursor comes exactly once and in order; what the log no longer holds is told by one <see cref="StreamGap"/>. A client that comes back with the id of
/// <c>stream.end</c> is answered 204, which stops <c>EventSource</c>. A replica that drains, is full or cannot reach Redis answers 200 with a <c>retry</c> and closes, since <c>EventSource</c> gives up for ever on
/// any 4xx or 5xx. Authorise before the result is returned: it is the stream.
/// </remarks>
public sealed class EventStreamResult(Topic topic) : IResult, IStatusCodeHttpResult, IContentTypeHttpResult
{
    private const string LastEventIdHeader = "Last-Event-ID";
    private const string LastEventIdParameter = "lastEventId";

    /// <inheritdoc/>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <inheritdoc/>
    public string ContentType => "text/event-stream";

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var services = httpContext.RequestServices;
        var hub = services.GetRequiredService<EventStreamHub>();
        var options = services.GetRequiredService<IOptions<EventStreamsOptions>>().Value;
        var metrics = services.GetRequiredService<EventStreamsMetrics>();
        if (hub.IsDraining)
        {
            metrics.Rejected("draining", "draining");
            return TurnAwayAsync(httpContext, RetryDelay.Draw(options));
        }
        var admissions = services.GetRequiredService<StreamAdmission>();
        var address = httpContext.Connection.RemoteIpAddress;
        var admission = admissions.Enter(address);
        if (admission == Admission.Admitted)
            return ServeAsync(httpContext, hub, options, metrics, admissions, address);
        metrics.Rejected("overloaded", admission == Admission.ReplicaFull ? "replica" : "address");
        services.GetRequiredService<ILogger<EventStreamResult>>().LogStreamRejected(topic, address, admission);
        return TurnAwayAsync(httpContext, RetryDelay.DrawForOverload(options));
    }

    private async Task ServeAsync(
        HttpContext context, EventStreamHub hub, EventStreamsOptions options, EventStreamsMetrics metrics, StreamAdmission admissions, IPAddress? address)
    {
        TopicFeed? feed = null;
        try
        {
            feed = hub.Acquire(topic);
            var start = StreamStart.From(context.Request.Headers[LastEventIdHeader], context.Request.Query[LastEventIdParameter], context.Request.Query["from"]);
            // Only a cursor can be the end of the topic, and 204 must be known before the headers are sent; everybody else gets them at once.
            if (start.Cursor is { } cursor)
            {
                await feed.Ready.WaitAsync(context.RequestAborted);
                if (await feed.HasEndedAtAsync(cursor))
                {
                    metrics.Replay("ended");
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    return;
                }
            }
            await AnswerAsync(context, RetryDelay.Draw(options));
            await feed.Ready.WaitAsync(context.RequestAborted);
            await StreamAsync(context, hub, feed, start, options, metrics);
        }
        catch (EventStreamUnavailableException e)
        {
            metrics.Rejected("unavailable", "unavailable");
            context.RequestServices.GetRequiredService<ILogger<EventStreamResult>>().LogStreamUnavailable(topic, e.Message);
            if (!context.Response.HasStarted)
                await AnswerAsync(context, RetryDelay.Draw(options));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away before its stream began.
        }
        finally
        {
            if (feed is not null)
                hub.Release(topic, feed);
            admissions.Leave(address);
        }
    }

    private async Task StreamAsync(
        HttpContext context, EventStreamHub hub, TopicFeed feed, StreamStart start, EventStreamsOptions options, EventStreamsMetrics metrics)
    {
        var tail = feed.Tail;
        var cursor = start.IsAtHead ? tail : start.Cursor;
        // A new client's first id is the place before the first event, so that even one that is cut off before it got anything has a cursor.
        var earlier = EarlierEvents.OfMark(start.Mark);
        var opensAt = cursor ?? (tail is { } t ? new EventId(t.Epoch, 0) : Resumption.Beginning) with { Check = earlier?.Newest ?? 0 };
        // What has gone through the server is flushed by now, and from here on one sink writes everything.
        var isDirect = context.RequestServices.GetService<DirectSocketMarker>() is not null;
        StreamSink sink = isDirect && SocketSink.TryCreate(context) is { } socketSink ? socketSink : new BodyWriterSink(context);
        await sink.WriteAsync(WireBytes.Of(SseEncoder.Open(opensAt, topic, options.ReplicaId!)));
        if (start.IsUnknown)
        {
            metrics.Gap(StreamGap.Unknown);
            await sink.WriteAsync(WireBytes.Of(SseEncoder.Gap(
                new StreamGap(StreamGap.Unknown, null, null, Resumption.CursorText(tail), options.SnapshotUrl?.Invoke(topic)))));
        }
        var stream = new StreamConnection(sink)
        {
            Cursor = cursor,
            Earlier = earlier,
            Beginning = start.IsUnknown ? "gap" : start.Cursor is null ? "fresh" : "resumed",
        };
        await using var aborted = context.RequestAborted.UnsafeRegister(static s => ((StreamConnection)s!).RequestClose(StreamClose.Gone), stream);
        await hub.ServeAsync(feed, stream);
    }

    // The client's next attempt shall find another replica where it can: on a connection that stays open it would be this one again.
    private static Task TurnAwayAsync(HttpContext context, int retry)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        return AnswerAsync(context, retry);
    }

    private static async Task AnswerAsync(HttpContext context, int retry)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.BodyWriter.WriteAsync(SseEncoder.Retry(retry), context.RequestAborted);
    }
}
