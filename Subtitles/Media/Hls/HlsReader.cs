namespace Subtitles.Media.Hls;

/// <summary>
/// Reads the media of a playlist, piece by piece, and hands its bytes on: the programs that decode them have nothing to do with addresses.
/// A live playlist is read again as long as it grows.
/// </summary>
internal sealed class HlsReader(GuardedClient client, TimeProvider time)
{
    // How far behind the newest piece a live source is begun, as players do.
    private const int PiecesBehindLive = 3;
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a server may keep silent, and a live source be without news.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How much longer than the media plays its transfer may take.</summary>
    public TimeSpan Slack { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Copies the media to its end, or until <paramref name="longest"/> of it has been copied or heard.</summary>
    /// <param name="address">The playlist.</param>
    /// <param name="language">Which of several sound tracks is wanted.</param>
    /// <param name="longest">The most media; of a live source also the most time.</param>
    /// <param name="target">Takes the bytes. Its slowness costs the source nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SourceAddressException">The playlist names an address that is not allowed.</exception>
    /// <exception cref="MediaFetchException">The source does not give what the playlist names, or too slowly.</exception>
    public async Task CopyToAsync(Uri address, string? language, TimeSpan longest, Stream target, CancellationToken cancellationToken)
    {
        var transfer = new HlsTransfer(client, time, SilenceLimit, Slack);
        var playlist = await ReadPlaylistAsync(transfer, address, cancellationToken);
        if (playlist.ChooseMedia(language) is { } media)
            playlist = await ReadPlaylistAsync(transfer, address = media, cancellationToken);
        var began = time.GetTimestamp();
        var newsAt = began;
        var next = playlist switch
        {
            { Segments: [] } => playlist.IsEnded ? throw new MediaFetchException("The playlist names no pieces.", isTransient: false) : 0,
            { IsEnded: true } => playlist.Segments[0].Sequence,
            _ => playlist.Segments[Math.Max(0, playlist.Segments.Count - PiecesBehindLive)].Sequence,
        };
        HlsResource? map = null;
        while (true)
        {
            if (next > 0 && playlist.Segments is [var oldest, ..] && oldest.Sequence > next)
                throw new MediaFetchException(
                    "The live source has moved on: its pieces are not heard as fast as they come and go.",
                    isTransient: true
                );
            try
            {
                foreach (var segment in playlist.Segments.Where(s => s.Sequence >= next))
                {
                    if (segment.Map is { } needed && needed != map)
                        await transfer.CopyAsync(map = needed, null, target, cancellationToken);
                    await transfer.CopyAsync(segment, target, cancellationToken);
                    (next, newsAt) = (segment.Sequence + 1, time.GetTimestamp());
                    if (transfer.Media >= longest)
                        return;
                }
                if (playlist.IsEnded || time.GetElapsedTime(began) >= longest)
                    return;
                await Task.Delay(
                    playlist.TargetDuration / 2 > ShortestWait ? playlist.TargetDuration / 2 : ShortestWait,
                    time,
                    cancellationToken
                );
                if (time.GetElapsedTime(newsAt) >= SilenceLimit)
                    throw new MediaFetchException(
                        $"The live source has had nothing new for {SilenceLimit.TotalSeconds:0} s.",
                        isTransient: true
                    );
                playlist = await ReadPlaylistAsync(transfer, address, cancellationToken);
            }
            catch (MediaFetchException passing)
                when (passing.IsTransient && !playlist.IsEnded && !transfer.HasBegunPiece && time.GetElapsedTime(newsAt) < SilenceLimit)
            {
                // A live source that is away for a moment is asked again before its pieces are gone.
                await Task.Delay(ShortestWait, time, cancellationToken);
            }
        }
    }

    private static async Task<HlsPlaylist> ReadPlaylistAsync(HlsTransfer transfer, Uri address, CancellationToken cancellationToken)
    {
        var (text, place) = await transfer.ReadTextAsync(address, HlsPlaylist.MaxBytes, cancellationToken);
        return HlsPlaylist.Parse(place, text);
    }
}
