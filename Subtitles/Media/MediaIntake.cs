using Microsoft.Extensions.Options;

namespace Subtitles.Media;

/// <summary>Takes bytes from outside into the store, once their first ones show what they are.</summary>
public sealed class MediaIntake(IMediaStore store, IOptions<MediaOptions> options)
{
    /// <summary>The largest side file, in bytes: hours of subtitles are below a mebibyte.</summary>
    public const long MaxSideFileBytes = 8 * 1024 * 1024;

    /// <summary>Stores audio or video and returns its name in the store.</summary>
    /// <exception cref="UnsupportedMediaException">It is no format that is taken.</exception>
    /// <exception cref="MediaTooLargeException">It has more bytes than allowed.</exception>
    public Task<string> SaveMediaAsync(Stream content, CancellationToken cancellationToken) =>
        SaveMediaAsync(content, null, cancellationToken);

    /// <summary>Stores the one audio or video of a key.</summary>
    /// <inheritdoc cref="SaveMediaAsync(Stream, CancellationToken)"/>
    public async Task<string> SaveMediaAsync(Stream content, string? key, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(content, cancellationToken);
        var extension =
            MediaFormat.DetectMedia(head.Span)
            ?? throw new UnsupportedMediaException(
                head.IsEmpty ? "The media is empty." : $"The media is not in a format that is taken: {MediaFormat.SupportedMedia}."
            );
        return await store.SaveAsync(new PrefixedStream(head, content), extension, options.Value.MaxUploadBytes, key, cancellationToken);
    }

    /// <summary>Stores a subtitle side file and returns its name in the store.</summary>
    /// <inheritdoc cref="SaveMediaAsync(Stream, CancellationToken)" path="/exception"/>
    public async Task<string> SaveSideFileAsync(Stream content, CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(content, cancellationToken);
        var extension =
            MediaFormat.DetectSideFile(head.Span)
            ?? throw new UnsupportedMediaException(
                $"The subtitles are not in a format that is taken: {MediaFormat.SupportedSideFiles}, as text."
            );
        return await store.SaveAsync(
            new PrefixedStream(head, content),
            extension,
            Math.Min(MaxSideFileBytes, options.Value.MaxUploadBytes),
            null,
            cancellationToken
        );
    }

    private static async Task<ReadOnlyMemory<byte>> ReadHeadAsync(Stream content, CancellationToken cancellationToken)
    {
        var head = new byte[MediaFormat.HeadLength];
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        return head.AsMemory(0, length);
    }
}
