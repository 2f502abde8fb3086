using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Subtitles.Media.Hls;

/// <summary>The transfers of one playlist: whole, in part, decrypted. The source must answer within a limit, and over all be no slower than
/// the media plays.</summary>
internal sealed class HlsTransfer(GuardedClient client, TimeProvider time, TimeSpan silenceLimit, TimeSpan slack)
{
    private const int KeyBytes = 16;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private (Uri? Address, byte[] Key) _key = (null, []);
    private TimeSpan _waited;

    /// <summary>How much media has been copied, as the playlist counts it.</summary>
    public TimeSpan Media { get; private set; }

    /// <summary>Whether a part of a piece has been handed on, so that it cannot be read again.</summary>
    public bool HasBegunPiece { get; private set; }

    public async Task CopyAsync(HlsSegment segment, Stream target, CancellationToken cancellationToken)
    {
        using var cipher = segment.Key is { } key ? await CreateCipherAsync(key, segment.Sequence, cancellationToken) : null;
        await CopyAsync(segment.Media, cipher, target, cancellationToken);
        Media += segment.Duration;
    }

    public async Task CopyAsync(HlsResource resource, ICryptoTransform? cipher, Stream target, CancellationToken cancellationToken)
    {
        var range = resource.Length is { } bytes ? new RangeHeaderValue(resource.Offset, resource.Offset + bytes - 1) : null;
        var (response, _) = await WaitAsync(token => client.GetAsync(resource.Address, range, token), cancellationToken);
        using var disposed = response;
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        // A server that knows no ranges sends the whole.
        var skip = range is not null && response.StatusCode != HttpStatusCode.PartialContent ? resource.Offset : 0;
        var rest = resource.Length ?? long.MaxValue;
        var output = cipher is null ? target : new CryptoStream(target, cipher, CryptoStreamMode.Write, leaveOpen: true);
        while (rest > 0 && await WaitAsync(token => content.ReadAsync(_buffer, token).AsTask(), cancellationToken) is var read and > 0)
        {
            var skipped = (int)Math.Min(skip, read);
            var taken = (int)Math.Min(rest, read - skipped);
            skip -= skipped;
            rest -= taken;
            HasBegunPiece = true;
            await output.WriteAsync(_buffer.AsMemory(skipped, taken), cancellationToken);
        }
        if (output is CryptoStream encrypted)
            await FinishAsync(encrypted, cancellationToken);
        HasBegunPiece = false;
    }

    public async Task<(string Text, Uri Address)> ReadTextAsync(Uri address, int maxBytes, CancellationToken cancellationToken)
    {
        var (bytes, place) = await ReadAsync(address, maxBytes, cancellationToken);
        return (Encoding.UTF8.GetString(bytes), place);
    }

    private static async Task FinishAsync(CryptoStream encrypted, CancellationToken cancellationToken)
    {
        try
        {
            await encrypted.FlushFinalBlockAsync(cancellationToken);
        }
        catch (CryptographicException e)
        {
            throw new MediaFetchException("A piece of the playlist cannot be decrypted by the key that it names.", isTransient: false, e);
        }
    }

    private async Task<ICryptoTransform> CreateCipherAsync(HlsKey key, long sequence, CancellationToken cancellationToken)
    {
        if (key.Address != _key.Address)
        {
            var (bytes, _) = await ReadAsync(key.Address, KeyBytes, cancellationToken);
            _key =
                bytes.Length == KeyBytes
                    ? (key.Address, bytes)
                    : throw new MediaFetchException($"The playlist's key has not {KeyBytes} bytes.", isTransient: false);
        }
        var iv = new byte[KeyBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(iv, key.Iv ?? (UInt128)sequence);
        using var aes = Aes.Create();
        return aes.CreateDecryptor(_key.Key, iv);
    }

    private async Task<(byte[] Bytes, Uri Address)> ReadAsync(Uri source, int maxBytes, CancellationToken cancellationToken)
    {
        var (response, address) = await WaitAsync(token => client.GetAsync(source, null, token), cancellationToken);
        using var disposed = response;
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var bytes = new MemoryStream();
        while (await WaitAsync(token => content.ReadAsync(_buffer, token).AsTask(), cancellationToken) is var read and > 0)
        {
            if (bytes.Length + read > maxBytes)
                throw new MediaFetchException(
                    $"What the playlist names has more than {maxBytes} bytes, where no more are plausible.",
                    isTransient: false
                );
            bytes.Write(_buffer, 0, read);
        }
        return (bytes.ToArray(), address);
    }

    /// <summary>Waits for the source, and counts the time: one that drips would hold a worker for days.</summary>
    private async Task<T> WaitAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(silenceLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var began = time.GetTimestamp();
        try
        {
            var result = await step(either.Token);
            _waited += time.GetElapsedTime(began);
            return _waited <= Media + slack
                ? result
                : throw new MediaFetchException("The source gives its media slower than it plays.", isTransient: true);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new MediaFetchException($"The source kept silent for {silenceLimit.TotalSeconds:0} s.", isTransient: true);
        }
        catch (Exception failure) when (GuardedClient.Explain(failure, either.Token) is { } explained)
        {
            throw explained;
        }
    }
}
