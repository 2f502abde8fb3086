using System.Globalization;
using EventStreams.Fanout;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EventStreams.Http;

/// <summary>Answers with a page of a topic's history.</summary>
internal sealed class EventHistory(IEventLog log, StreamAccess access, IOptions<EventStreamsOptions> options)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;
    private const string Head = "head";

    // Pages are large: few at a time leave room for publishes and streams.
    private const int ReadsAtATime = 2;

    // A page that nothing can change. Shared caches keep it too, where they are allowed to keep the answer at all.
    private const string Forever = "max-age=31536000, immutable";

    // Any other. Whoever goes on from the page's cursor misses nothing, however old the page is, so that a crowd may share it for a moment.
    private const string ForAMoment = "max-age=1";

    private readonly SharedReads<HistoryRequest, HistoryPage> _reads = new(
        new SemaphoreSlim(ReadsAtATime),
        request => new HistoryReader(log, options.Value).ReadAsync(request)
    );

    /// <summary>Answers one request.</summary>
    public async Task<IResult> RunAsync(string topic, HttpContext context)
    {
        if (!Topic.TryParse(topic, out var name))
            return StreamProblem.OfTopic();
        var query = context.Request.Query;
        var limit = DefaultLimit;
        if (
            query["limit"] is { Count: > 0 } asked
            && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit)
        )
            return Refuse("limit", $"The limit is a number of events from 1 to {MaxLimit}.");
        var (after, before) = ((string?)query["after"], (string?)query["before"]);
        if (after is not null && before is not null)
            return Refuse("before", "A page is asked for with 'after' or with 'before', not with both.");
        EventId? cursor = null;
        if ((after ?? before) is { } text && before != Head)
        {
            if (!EventId.TryParse(text, out var id))
                return Refuse(
                    after is null ? "before" : "after",
                    $"'{text}' is no event id. Take one from an event, or from a page's cursor."
                );
            cursor = id.IsBeginning() && before is null ? null : id;
        }
        try
        {
            var (credential, refusal) = await access.IdentifyAsync(context);
            if (refusal is null)
                (_, refusal) = await access.AskAsync(context, credential!, name);
            if (refusal is not null)
                return refusal;
            var page = await _reads.GetAsync(new HistoryRequest(name, cursor, before is not null, limit)).WaitAsync(context.RequestAborted);
            return new HistoryResult(page, CacheControl(context, topic, access.IsOpen, page));
        }
        catch (EventStreamUnavailableException)
        {
            context.Response.Headers.RetryAfter = "2";
            return new StreamProblem(
                StatusCodes.Status503ServiceUnavailable,
                "The service cannot reach its Redis at the moment. Try again in a few seconds."
            );
        }
    }

    // What is not for everybody must not come out of a cache that everybody reads: an answer to a cookie would be kept there.
    private string CacheControl(HttpContext context, string topic, bool isOpen, HistoryPage page)
    {
        var isForSome =
            !isOpen
            || context.User.Identity?.IsAuthenticated == true
            || context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is not null
            || options.Value.ReservedTopicPrefixes.Any(prefix => topic.StartsWith(prefix, StringComparison.Ordinal));
        return (isForSome ? "private, " : "") + (page.IsFinal ? Forever : ForAMoment);
    }

    private static StreamProblem Refuse(string field, string detail) => new(StatusCodes.Status400BadRequest, detail, field);
}

/// <summary>Which page of a topic's history is asked for.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Cursor">The event after or before which it is; null for the oldest held or, going back, the newest.</param>
/// <param name="IsBefore">Whether it goes back.</param>
/// <param name="Limit">Events at the most.</param>
internal readonly record struct HistoryRequest(Topic Topic, EventId? Cursor, bool IsBefore, int Limit);

/// <summary>200 with a page, or 304 for who has it.</summary>
internal sealed class HistoryResult(HistoryPage page, string cacheControl) : IResult, IStatusCodeHttpResult
{
    /// <inheritdoc/>
    public int? StatusCode => StatusCodes.Status200OK;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        var tag = new EntityTagHeaderValue(page.Tag);
        response.Headers.ETag = page.Tag;
        response.Headers.CacheControl = cacheControl;
        var known = httpContext.Request.GetTypedHeaders().IfNoneMatch;
        if (known.Any(other => other.Equals(EntityTagHeaderValue.Any) || other.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = page.Json.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(page.Json, httpContext.RequestAborted);
    }
}
