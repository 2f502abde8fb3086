using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;

namespace Subtitles.Media;

/// <summary>Fetches media from the address that a client named, within limits of size, time and place.</summary>
public sealed class MediaFetcher : IDisposable
{
    private const int Signature = 7;
    private const int MaxPlaylistBytes = 1024 * 1024;

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

    /// <summary>Fetches the media into the store. A playlist is only looked at: it is heard from where it is.</summary>
    /// <exception cref="SourceAddressException">The address, or one that it redirects to, is not allowed.</exception>
    /// <exception cref="MediaFetchException">The source did not answer with media; whether it may later is in <see cref="MediaFetchException.IsTransient"/>.</exception>
    /// <exception cref="UnsupportedMediaException">It is no format that is taken.</exception>
    /// <exception cref="MediaTooLargeException">It has more bytes than allowed.</exception>
    public async Task<FetchedMedia> FetchAsync(Uri source, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.FetchTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var (response, address) = await GetAsync(source, either.Token);
            using var disposed = response;
            // An honest length saves the download; a false one is found while storing.
            if (response.Content.Headers.ContentLength > _options.MaxUploadBytes)
                throw new MediaTooLargeException(_options.MaxUploadBytes);
            await using var content = await response.Content.ReadAsStreamAsync(either.Token);
            var head = new byte[Encoding.UTF8.Preamble.Length + Signature];
            var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, either.Token);
            var whole = new PrefixedStream(head.AsMemory(0, length), content);
            return Playlist.IsSignature(head.AsSpan(0, length))
                ? new FetchedMedia(null, new Playlist(address, await IsLiveAsync(address, await ReadTextAsync(whole, either.Token), either.Token)))
                : new FetchedMedia(await _intake.SaveMediaAsync(whole, either.Token), null);
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

    /// <summary>A playlist of playlists does not tell; its first one does.</summary>
    private async Task<bool> IsLiveAsync(Uri address, string text, CancellationToken cancellationToken)
    {
        if (Playlist.FindVariant(address, text) is not { } variant)
            return !Playlist.IsWhole(text);
        var (response, _) = await GetAsync(variant, cancellationToken);
        using var disposed = response;
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        return !Playlist.IsWhole(await ReadTextAsync(content, cancellationToken));
    }

    private static async Task<string> ReadTextAsync(Stream content, CancellationToken cancellationToken)
    {
        var text = new byte[MaxPlaylistBytes];
        var length = await content.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken);
        return length < text.Length ? Encoding.UTF8.GetString(text, 0, length) : throw new MediaTooLargeException(MaxPlaylistBytes);
    }

    private async Task<(HttpResponseMessage Response, Uri Address)> GetAsync(Uri source, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            SourceAddressGuard.CheckForm(source);
            var response = await _client.GetAsync(source, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
                return (response, source);

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
