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
/// <c>stream.end</c> is answered 204, which stops <c>EventSource</c>. A replica that drains or cannot reach Redis answers 200 with a <c>retry</c> and closes, since <c>EventSource</c> gives up for ever on
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
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var services = httpContext.RequestServices;
        var hub = services.GetRequiredService<EventStreamHub>();
        var options = services.GetRequiredService<IOptions<EventStreamsOptions>>().Value;
        var metrics = services.GetRequiredService<EventStreamsMetrics>();
        var start = StreamStart.From(httpContext.Request.Headers[LastEventIdHeader], httpContext.Request.Query[LastEventIdParameter], httpContext.Request.Query["from"]);
        if (hub.IsDraining)
        {
            metrics.Replay("draining");
            await AnswerAsync(httpContext, options);
            return;
        }

        var feed = hub.Acquire(topic);
        try
        {
            // Only a cursor can be the end of the topic, and 204 must be known before the headers are sent; everybody else gets them at once.
            if (start.Cursor is { } cursor)
            {
                await feed.Ready.WaitAsync(httpContext.RequestAborted);
                if (await feed.HasEndedAtAsync(cursor))
                {
                    metrics.Replay("ended");
                    httpContext.Response.StatusCode = StatusCodes.Status204NoContent;
                    return;
                }
            }
            await AnswerAsync(httpContext, options);
            await feed.Ready.WaitAsync(httpContext.RequestAborted);
            metrics.Replay(start.IsUnknown ? "unknown" : start.Cursor is null ? "fresh" : "resumed");
            await ServeAsync(httpContext, hub, feed, start, options, metrics);
        }
        catch (EventStreamUnavailableException e)
        {
            metrics.Replay("unavailable");
            services.GetRequiredService<ILogger<EventStreamResult>>().LogStreamUnavailable(topic, e.Message);
            if (!httpContext.Response.HasStarted)
                await AnswerAsync(httpContext, options);
        }
        catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
        {
            // The client went away before its stream began.
        }
        finally
        {
            hub.Release(topic, feed);
        }
    }

    private async Task ServeAsync(
        HttpContext context, EventStreamHub hub, TopicFeed feed, StreamStart start, EventStreamsOptions options, EventStreamsMetrics metrics)
    {
        var tail = feed.Tail;
        var cursor = start.IsAtHead ? tail : start.Cursor;
        // A new client's first id is the place before the first event, so that even one that is cut off before it got anything has a cursor.
        var opensAt = cursor ?? (tail is { } t ? new EventId(t.Epoch, 0) : Resumption.Beginning);
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
        var stream = new StreamConnection(sink) { Cursor = cursor };
        await using var aborted = context.RequestAborted.UnsafeRegister(static s => ((StreamConnection)s!).RequestClose(StreamClose.Gone), stream);
        await hub.ServeAsync(feed, stream);
    }

    private static async Task AnswerAsync(HttpContext context, EventStreamsOptions options)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await response.BodyWriter.WriteAsync(SseEncoder.Retry(RetryDelay.Draw(options)), context.RequestAborted);
    }
}
