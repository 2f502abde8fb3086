using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Subtitles.Media;

/// <summary>Opens addresses that strangers named, redirects included, within a <see cref="SourceAddressGuard"/>. What goes wrong is a
/// refusal by rule or a failure that may pass.</summary>
internal sealed class GuardedClient : IDisposable
{
    private readonly HttpClient _client;
    private readonly int _maxRedirects;

    public GuardedClient(SourceAddressGuard guard, int maxRedirects)
    {
        // Not from the client factory: its defaults would translate the names of internal services, and cut a long download.
        _client = new HttpClient(GuardedHttp.CreateHandler(guard)) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("AspireSse/1.0");
        _maxRedirects = maxRedirects;
    }

    /// <summary>The response whose head has come, and the address that it came from.</summary>
    /// <exception cref="SourceAddressException">The address, or one that it redirects to, is not allowed.</exception>
    /// <exception cref="MediaFetchException">There was no answer, or not the one that was asked for.</exception>
    public async Task<(HttpResponseMessage Response, Uri Address)> GetAsync(
        Uri source,
        RangeHeaderValue? range,
        CancellationToken cancellationToken
    )
    {
        for (var redirects = 0; ; redirects++)
        {
            SourceAddressGuard.CheckForm(source);
            var response = await SendAsync(source, range, cancellationToken);
            if (response.IsSuccessStatusCode)
                return (response, source);
            using (response)
            {
                var isRedirect =
                    response.StatusCode
                    is HttpStatusCode.MovedPermanently
                        or HttpStatusCode.Found
                        or HttpStatusCode.SeeOther
                        or HttpStatusCode.TemporaryRedirect
                        or HttpStatusCode.PermanentRedirect;
                if (!isRedirect || response.Headers.Location is not { } location)
                {
                    // Not the reason phrase: it is a stranger's text.
                    throw new MediaFetchException(
                        $"The source answered with status {(int)response.StatusCode}.",
                        isTransient: (int)response.StatusCode >= 500
                            || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
                    );
                }
                if (redirects == _maxRedirects)
                    throw new MediaFetchException($"The source redirects more than {_maxRedirects} times.", isTransient: false);
                source = Uri.TryCreate(source, location, out var next)
                    ? next
                    : throw new MediaFetchException("The source redirects to what is no address.", isTransient: false);
            }
        }
    }

    /// <summary>A failure of the connection or of a read as what it means for the source; null for what is none.</summary>
    public static Exception? Explain(Exception failure, CancellationToken cancellationToken) =>
        failure switch
        {
            HttpRequestException { InnerException: SourceAddressException refused } => new SourceAddressException(refused.Message, failure),
            HttpRequestException { InnerException: HostLookupException lookup } => new MediaFetchException(
                lookup.Message,
                isTransient: true,
                failure
            ),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new MediaFetchException(
                "The source could not be reached: its certificate or its TLS is not accepted.",
                isTransient: true,
                failure
            ),
            HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } =>
                new MediaFetchException("The source could not be reached: it refuses connections.", isTransient: true, failure),
            // The client's own limit for a connect is a cancel that nobody asked for.
            OperationCanceledException when !cancellationToken.IsCancellationRequested => new MediaFetchException(
                "The source could not be reached: it does not answer.",
                isTransient: true,
                failure
            ),
            HttpRequestException or HttpIOException => new MediaFetchException(
                "The source could not be reached, or broke its answer off.",
                isTransient: true,
                failure
            ),
            IOException { InnerException: SocketException } => new MediaFetchException(
                "The source broke its answer off.",
                isTransient: true,
                failure
            ),
            _ => null,
        };

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri source, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        request.Headers.Range = range;
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception failure) when (Explain(failure, cancellationToken) is { } explained)
        {
            throw explained;
        }
    }
}
