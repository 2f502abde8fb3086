using System.Buffers;
using System.Net;
using EventStreams.Access;
using EventStreams.Fanout;
using EventStreams.Presence;
using EventStreams.Telemetry;
using EventStreams.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStreams.Http;

/// <summary>
/// Answers a request with a topic's event stream (WHATWG HTML, section 9.2). The cursor comes from the <c>Last-Event-ID</c> header, else
/// from the query parameter <c>lastEventId</c>;
/// without one the stream begins with the oldest event that the log holds, with <c>from=head</c> after the newest, or with
/// <c>from=state</c>
/// with the topic's state (<see cref="StreamEventTypes.State"/>), as of a position at which it goes on.
/// </summary>
/// <remarks>
/// Every event after the cursor comes exactly once and in order; what the log no longer holds is told by one <see cref="StreamGap"/>. A
/// client that comes back with the id of
/// <c>stream.end</c> is answered 204, which stops <c>EventSource</c>. A replica that drains, is full or cannot reach Redis answers 200 with
/// one <c>stream.busy</c>, which has a <c>retry</c>, and closes, since <c>EventSource</c> gives up forever on
/// any 4xx or 5xx. One who may not follow the topic (<see cref="IStreamAuthorizer"/>, <see cref="StreamAccessOptions.Policy"/>), or whose
/// ticket or other credential has expired or was revoked, is answered 401 or 403 with problem details, for which <c>EventSource</c> gives
/// up; a stream whose credential expires ends with <c>stream.expired</c>.
/// </remarks>
public sealed class EventStreamResult : IResult, IStatusCodeHttpResult, IContentTypeHttpResult
{
    internal const string MediaType = "text/event-stream";
    private const string LastEventIdHeader = "Last-Event-ID";
    private const string LastEventIdParameter = "lastEventId";
    private readonly FollowedTopics _topics;

    private readonly string? _key;

    /// <summary>The stream of one topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key of the instance whose topic it is, where the app has several.</param>
    public EventStreamResult(Topic topic, string? key = null)
        : this(new FollowedTopics([topic], IsMultiplexed: false), key) { }

    internal EventStreamResult(FollowedTopics topics, string? key = null) => (_topics, _key) = (topics, key);

    /// <inheritdoc/>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <inheritdoc/>
    public string ContentType => MediaType;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var services = InstanceServices.Of(httpContext.RequestServices, _key);
        var options = services.GetRequiredService<IOptions<EventStreamsOptions>>().Value;
        var metrics = services.GetRequiredService<EventStreamsMetrics>();
        StreamGrant[] grants;
        try
        {
            (grants, var refusal) = await AskAsync(httpContext, services.GetRequiredService<StreamAccess>());
            if (refusal is not null)
            {
                metrics.Replay("refused");
                await refusal.ExecuteAsync(httpContext);
                return;
            }
        }
        catch (EventStreamUnavailableException e)
        {
            metrics.Rejected("unavailable", "unavailable");
            services.GetRequiredService<ILogger<EventStreamResult>>().LogStreamUnavailable(_topics.ToString(), e.Message);
            await TurnAwayAsync(httpContext, RetryDelay.Draw(options), StreamBusy.Unavailable);
            return;
        }
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            await AnswerAsync(httpContext, ReadOnlyMemory<byte>.Empty);
            return;
        }
        var hub = services.GetRequiredService<EventStreamHub>();
        var admissions = services.GetRequiredService<StreamAdmission>();
        var address = httpContext.Connection.RemoteIpAddress;
        var admission = hub.IsDraining ? Admission.Draining : admissions.Enter(address);
        if (admission is Admission.ReplicaFull or Admission.AddressFull)
            admission = await admissions.EnterLaterAsync(address, admission, httpContext.RequestAborted);
        if (admission == Admission.Admitted)
        {
            await ServeAsync(httpContext, services.GetRequiredService<PresenceBoard>(), hub, options, metrics, admissions, address, grants);
            return;
        }
        var (outcome, reason, busy) = admission switch
        {
            Admission.Draining => ("draining", "draining", StreamBusy.Draining),
            Admission.ReplicaFull => ("overloaded", "replica", StreamBusy.Full),
            _ => ("overloaded", "address", StreamBusy.Address),
        };
        metrics.Rejected(outcome, reason);
        services.GetRequiredService<ILogger<EventStreamResult>>().LogStreamRejected(_topics.ToString(), address, admission);
        var retry = admission == Admission.Draining ? RetryDelay.Draw(options) : RetryDelay.DrawForOverload(options);
        await TurnAwayAsync(httpContext, retry, busy);
    }

    // One for each topic; who may not follow one of them gets none of them.
    private async ValueTask<(StreamGrant[] Grants, IResult? Refusal)> AskAsync(HttpContext context, StreamAccess access)
    {
        var grants = new StreamGrant[_topics.Names.Length];
        var (credential, refusal) = await access.IdentifyAsync(context);
        for (var i = 0; refusal is null && i < grants.Length; i++)
        {
            (var grant, refusal) = await access.AskAsync(context, credential!, _topics.Names[i]);
            grants[i] = grant!;
        }
        return (grants, refusal);
    }

    private async Task ServeAsync(
        HttpContext context,
        PresenceBoard presence,
        EventStreamHub hub,
        EventStreamsOptions options,
        EventStreamsMetrics metrics,
        StreamAdmission admissions,
        IPAddress? address,
        StreamGrant[] grants
    )
    {
        var logger = context.RequestServices.GetRequiredService<ILogger<EventStreamResult>>();
        OpenStream? stream = new OpenStream(
            hub,
            _topics,
            StartsOf(context.Request),
            grants,
            admissions,
            address,
            presence,
            WishOf(context.Request),
            options,
            metrics,
            logger
        );
        try
        {
            // 204 must be known before the headers are sent; who cannot have it gets them at once.
            if (await stream.HasEndedAsync(context.RequestAborted))
            {
                metrics.Replay("ended");
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
            StreamSocket.Prepare(context);
            var handover = StreamHandover.Of(context);
            if (handover is not null)
                StreamHandover.Prepare(context.Response);
            await AnswerAsync(context, ReadOnlyMemory<byte>.Empty);
            // From here on one sink writes everything: what has gone through the server is flushed by now.
            var opened = stream;
            stream = null;
            if (handover is null)
                await opened.RunAsync(new BodyWriterSink(context), context.RequestAborted);
            else
                handover.Take(opened);
        }
        catch (EventStreamUnavailableException e)
        {
            metrics.Rejected("unavailable", "unavailable");
            logger.LogStreamUnavailable(_topics.ToString(), e.Message);
            await TurnAwayAsync(context, RetryDelay.Draw(options), StreamBusy.Unavailable);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away before its stream began.
        }
        finally
        {
            stream?.Dispose();
        }
    }

    private static PresenceWish WishOf(HttpRequest request) =>
        (string?)request.Query["presence"] switch
        {
            "1" => PresenceWish.Told,
            "0" => PresenceWish.Uncounted,
            _ => PresenceWish.Counted,
        };

    private StreamStart[] StartsOf(HttpRequest request)
    {
        var (header, lastEventId, from) = (request.Headers[LastEventIdHeader], request.Query[LastEventIdParameter], request.Query["from"]);
        return _topics.IsMultiplexed
            ? StreamStart.ForEach(_topics.Names.Length, header, lastEventId, from)
            : [StreamStart.From(header, lastEventId, from)];
    }

    // The client's next attempt shall find another replica where it can: on a connection that stays open it would be this one again.
    private static Task TurnAwayAsync(HttpContext context, int retry, string reason)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        return AnswerAsync(context, SseEncoder.Busy(retry, reason));
    }

    private static async Task AnswerAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-cache, no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        response.BodyWriter.Write(body.Span);
        // The headers go out also where there is no body yet.
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
