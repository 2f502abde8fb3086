using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace EventStreams.Client;

/// <summary>Makes the connections of one stream, and judges the server's answers.</summary>
internal sealed class ConnectionFactory(HttpClient http, Uri address, FollowOptions options, StreamCounters counters, TimeProvider time)
{
    private const string EventStream = "text/event-stream";

    // An explanation for people is short; whatever is longer is not one.
    private const int MaxProblemBytes = 16 * 1024;

    private string? _ticket;

    public FollowOptions Options => options;

    public StreamCounters Counters => counters;

    public TimeProvider Time => time;

    /// <summary>The ticket has expired: the next connection is made with another.</summary>
    public void DropTicket() => _ticket = null;

    /// <summary>Connects; null when the server has nothing more to say after this id (204).</summary>
    /// <exception cref="EventStreamRefusedException">Asking again would be no use.</exception>
    /// <exception cref="ServerBusyException">The server wants to be asked again later.</exception>
    public async Task<StreamLink?> ConnectAsync(string? lastEventId, CancellationToken cancellationToken)
    {
        var isOld = _ticket is not null;
        try
        {
            if (options.Ticket is { } ticket)
                _ticket ??= await AskAsync(ticket, cancellationToken).ConfigureAwait(false);
            return await ConnectOnceAsync(lastEventId, cancellationToken).ConfigureAwait(false);
        }
        catch (EventStreamRefusedException e) when (isOld && e.StatusCode is (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
        {
            // It may have expired while there was no connection. Another one that is refused too is refused for good.
            _ticket = null;
            return await ConnectAsync(lastEventId, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<string> AskAsync(Func<CancellationToken, ValueTask<string>> ticket, CancellationToken cancellationToken)
    {
        try
        {
            return await ticket(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
            when (e.StatusCode is { } status
                && (int)status is >= 400 and < 500
                && status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
            )
        {
            throw new EventStreamRefusedException(status, $"There is no ticket for the stream: {e.Message}");
        }
    }

    private async Task<StreamLink?> ConnectOnceAsync(string? lastEventId, CancellationToken cancellationToken)
    {
        var watch = new IdleTimer(options.IdleTimeout, time, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            using var request = CreateRequest(lastEventId);
            counters.Attempted();
            watch.Arm();
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, watch.Token).ConfigureAwait(false);
            watch.Disarm();
            if (response.StatusCode == HttpStatusCode.NoContent)
                return null;
            await ThrowUnlessStreamAsync(response, watch).ConfigureAwait(false);
            var body = await response.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
            counters.Connected();
            var link = new StreamLink(response, body, watch, counters);
            (response, watch) = (null, null);
            return link;
        }
        catch (OperationCanceledException e) when (watch is { IsDead: true })
        {
            throw watch.Death(e);
        }
        finally
        {
            response?.Dispose();
            watch?.Dispose();
        }
    }

    private HttpRequestMessage CreateRequest(string? lastEventId)
    {
        // HttpClient writes no header that has other letters than ASCII; the servers of this project take the id from the query as well.
        var isInHeader = lastEventId is null || Ascii.IsValid(lastEventId);
        var target = isInHeader ? address : With(address, "lastEventId", lastEventId!);
        if (_ticket is not null)
            target = With(target, "ticket", _ticket);
        var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(EventStream));
        request.Headers.CacheControl = new CacheControlHeaderValue { NoCache = true };
        // A connection that stays open behind a stream would lead the next attempt to the replica that has just sent this one away.
        request.Headers.ConnectionClose = true;
        if (lastEventId is not null && isInHeader)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        options.ConfigureRequest?.Invoke(request);
        return request;
    }

    private static Uri With(Uri address, string parameter, string value)
    {
        var text = address.OriginalString;
        var separator = text.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return new Uri($"{text}{separator}{parameter}={Uri.EscapeDataString(value)}", UriKind.RelativeOrAbsolute);
    }

    private async Task ThrowUnlessStreamAsync(HttpResponseMessage response, IdleTimer watch)
    {
        var status = response.StatusCode;
        if (status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500)
            throw new ServerBusyException(status, DemandedDelay(response.Headers.RetryAfter));
        if (status != HttpStatusCode.OK)
        {
            var sentence = await ReadProblemAsync(response, watch).ConfigureAwait(false);
            throw new EventStreamRefusedException(status, $"The server answered {(int)status}{(sentence is null ? "." : $": {sentence}")}");
        }
        // As it stands: the framework takes no header that is malformed behind the type, as some servers send it.
        var type = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var types)
            ? types.ToString().Split(';')[0].Trim()
            : null;
        if (!string.Equals(type, EventStream, StringComparison.OrdinalIgnoreCase))
            throw new EventStreamRefusedException(
                status,
                $"The server answered with '{type ?? "no content type"}' where '{EventStream}' was expected; "
                    + $"check the address {AddressOf(response)}."
            );
    }

    // Where it came from in the end, without the query, which may have a ticket in it.
    private string AddressOf(HttpResponseMessage response) =>
        response.RequestMessage?.RequestUri is { IsAbsoluteUri: true } final ? final.GetLeftPart(UriPartial.Path) : address.OriginalString;

    private TimeSpan DemandedDelay(RetryConditionHeaderValue? retryAfter)
    {
        var delay = retryAfter?.Delta ?? retryAfter?.Date - time.GetUtcNow();
        return delay > TimeSpan.Zero ? delay.Value : TimeSpan.Zero;
    }

    private static async Task<string?> ReadProblemAsync(HttpResponseMessage response, IdleTimer watch)
    {
        if (response.Content.Headers.ContentType?.MediaType is not ("application/problem+json" or "application/json"))
            return null;
        try
        {
            watch.Arm();
            var body = await response.Content.ReadAsStreamAsync(watch.Token).ConfigureAwait(false);
            var buffer = new byte[MaxProblemBytes];
            var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, watch.Token).ConfigureAwait(false);
            var problem = JsonSerializer.Deserialize(buffer.AsSpan(0, length), NoticeJson.Default.ProblemSentence);
            return problem?.Detail ?? problem?.Title;
        }
        catch (Exception e)
            when (e is JsonException or IOException or HttpRequestException || e is OperationCanceledException && watch.IsDead)
        {
            // The status alone says enough to stop; a body that cannot be read must not turn the refusal into another attempt.
            return null;
        }
    }
}

/// <summary>The server could not serve now.</summary>
internal sealed class ServerBusyException(HttpStatusCode status, TimeSpan retryAfter)
    : HttpRequestException($"The server answered {(int)status}.", null, status)
{
    /// <summary>The answer's <c>Retry-After</c>; zero for none.</summary>
    public TimeSpan RetryAfter => retryAfter;
}
