using System.Text;
using Microsoft.Extensions.Options;
using Subtitles.Media.Hls;

namespace Subtitles.Media;

/// <summary>Fetches media from the address that a client named, within limits of size, time and place.</summary>
public sealed class MediaFetcher : IDisposable
{
    private const int Signature = 7;

    private readonly GuardedClient _client;
    private readonly MediaIntake _intake;
    private readonly MediaOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Creates the fetcher.</summary>
    public MediaFetcher(SourceAddressGuard guard, MediaIntake intake, IOptions<MediaOptions> options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_intake, _options, _time) = (intake, options.Value, time);
        _client = new GuardedClient(guard, _options.MaxRedirects);
    }

    /// <summary>Fetches the media into the store. A playlist is only looked at: its pieces are read while it is heard.</summary>
    /// <exception cref="SourceAddressException">The address, or one that it redirects to, is not allowed.</exception>
    /// <exception cref="MediaFetchException">The source did not answer with media; whether it may later is in <see
    /// cref="MediaFetchException.IsTransient"/>.</exception>
    /// <exception cref="UnsupportedMediaException">It is no format that is taken.</exception>
    /// <exception cref="MediaTooLargeException">It has more bytes than allowed.</exception>
    public Task<FetchedMedia> FetchAsync(Uri source, CancellationToken cancellationToken) =>
        FetchAsync(source, null, null, cancellationToken);

    /// <summary>Fetches the one media of a key (<see cref="IMediaStore"/>) into the store.</summary>
    /// <param name="source">Where the media is.</param>
    /// <param name="key">The key; null for none.</param>
    /// <param name="progress">Told in percent how much has come, where the source says how much there is.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <inheritdoc cref="FetchAsync(Uri, CancellationToken)"/>
    public async Task<FetchedMedia> FetchAsync(Uri source, string? key, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.FetchTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var (response, address) = await _client.GetAsync(source, null, either.Token);
            using var disposed = response;
            // An honest length saves the download; a false one is found while storing.
            if (response.Content.Headers.ContentLength > _options.MaxUploadBytes)
                throw new MediaTooLargeException(_options.MaxUploadBytes);
            await using var content = await response.Content.ReadAsStreamAsync(either.Token);
            var head = new byte[Encoding.UTF8.Preamble.Length + Signature];
            var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, either.Token);
            var sum = response.Content.Headers.ContentLength;
            var whole = new PrefixedStream(
                head.AsMemory(0, length),
                content,
                sum is > 0 ? read => progress?.Report(Math.Min(100.0, 100.0 * read / sum.Value)) : null
            );
            return Playlist.IsSignature(head.AsSpan(0, length))
                ? new FetchedMedia(
                    null,
                    new Playlist(address, await IsLiveAsync(address, await ReadTextAsync(whole, either.Token), either.Token))
                )
                : new FetchedMedia(await _intake.SaveMediaAsync(whole, key, either.Token), null);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new MediaFetchException(
                $"The source did not deliver its media within {_options.FetchTimeout.TotalSeconds:0} s.",
                isTransient: true
            );
        }
        catch (Exception failure) when (GuardedClient.Explain(failure, either.Token) is { } explained)
        {
            throw explained;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>A playlist of playlists does not tell; one that it names does.</summary>
    private async Task<bool> IsLiveAsync(Uri address, string text, CancellationToken cancellationToken)
    {
        var playlist = HlsPlaylist.Parse(address, text);
        if (playlist.ChooseMedia(null) is { } chosen)
        {
            var (response, place) = await _client.GetAsync(chosen, null, cancellationToken);
            using var disposed = response;
            await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            playlist = HlsPlaylist.Parse(place, await ReadTextAsync(content, cancellationToken));
        }
        return !playlist.IsEnded;
    }

    private static async Task<string> ReadTextAsync(Stream content, CancellationToken cancellationToken)
    {
        var text = new byte[HlsPlaylist.MaxBytes + 1];
        var length = await content.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken);
        return length < text.Length ? Encoding.UTF8.GetString(text, 0, length) : throw new MediaTooLargeException(HlsPlaylist.MaxBytes);
    }
}
