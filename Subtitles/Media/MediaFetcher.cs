using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Subtitles.Media;

/// <summary>Fetches media from the address that a client named, within limits of size, time and place.</summary>
public sealed class MediaFetcher : IDisposable
{
    private readonly HttpClient _client;
    private readonly MediaIntake _intake;
    private readonly MediaOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Creates the fetcher.</summary>
    public MediaFetcher(SourceAddressGuard guard, MediaIntake intake, IOptions<MediaOptions> options, TimeProvider time)
    {
        // Not from the client factory: its defaults would translate the names of internal services, and cut a long download.
        _client = new HttpClient(GuardedHttp.CreateHandler(guard)) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("AspireSse/1.0");
        (_intake, _options, _time) = (intake, options.Value, time);
    }

    /// <summary>Fetches the media into the store and returns its name there.</summary>
    /// <exception cref="SourceAddressException">The address, or one that it redirects to, is not allowed.</exception>
    /// <exception cref="MediaFetchException">The source did not answer with media; whether it may later is in <see cref="MediaFetchException.IsTransient"/>.</exception>
    /// <exception cref="UnsupportedMediaException">It is no format that is taken.</exception>
    /// <exception cref="MediaTooLargeException">It has more bytes than allowed.</exception>
    public async Task<string> FetchAsync(Uri source, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.FetchTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await GetAsync(source, either.Token);
            // An honest length saves the download; a false one is found while storing.
            if (response.Content.Headers.ContentLength > _options.MaxUploadBytes)
                throw new MediaTooLargeException(_options.MaxUploadBytes);
            await using var content = await response.Content.ReadAsStreamAsync(either.Token);
            return await _intake.SaveMediaAsync(content, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new MediaFetchException($"The source did not deliver its media within {_options.FetchTimeout.TotalSeconds:0} s.", isTransient: true);
        }
        catch (HttpRequestException failure) when (failure.InnerException is SourceAddressException refused)
        {
            throw new SourceAddressException(refused.Message, failure);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException { InnerException: SocketException } or HttpIOException)
        {
            throw new MediaFetchException($"The source could not be reached: {failure.Message}", isTransient: true, failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> GetAsync(Uri source, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            SourceAddressGuard.CheckForm(source);
            var response = await _client.GetAsync(source, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;

            using (response)
            {
                var isRedirect = response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                    or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
                if (!isRedirect || response.Headers.Location is not { } location)
                {
                    throw new MediaFetchException(
                        $"The source answered {(int)response.StatusCode} {response.ReasonPhrase}.",
                        isTransient: (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);
                }
                if (redirects == _options.MaxRedirects)
                    throw new MediaFetchException($"The source redirects more than {_options.MaxRedirects} times.", isTransient: false);
                source = new Uri(source, location);
            }
        }
    }
}
