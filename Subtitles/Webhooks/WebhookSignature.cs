using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Subtitles.Webhooks;

/// <summary>
/// The signature of a webhook, by the Standard Webhooks specification: HMAC-SHA256 over the id, the time and the body, so that a receiver
/// can tell a forgery, and a message that somebody sends again later.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The header with the message's id, which is the same at every try.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header with the time of the try, in seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header with the signature.</summary>
    public const string SignatureHeader = "webhook-signature";

    private const string EncodedPrefix = "whsec_";
    private const int MinKeyBytes = 24;
    private const int MaxKeyBytes = 64;

    /// <summary>What a secret is, for messages.</summary>
    public const string SecretForm = "whsec_ and 24 to 64 random bytes in base64 (echo whsec_$(openssl rand -base64 32))";

    /// <summary>The signature.</summary>
    /// <param name="secret">The shared secret: <c>whsec_</c> and 24 to 64 bytes in base64.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="time">The time of the try.</param>
    /// <param name="body">The body, byte by byte.</param>
    public static string Create(string secret, string id, DateTimeOffset time, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(secret);
        byte[] signed =
        [
            .. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{time.ToUnixTimeSeconds()}.")),
            .. body,
        ];
        return "v1,"
            + Convert.ToBase64String(
                HMACSHA256.HashData(TryReadKey(secret) ?? throw new ArgumentException("That is no secret.", nameof(secret)), signed)
            );
    }

    /// <summary>Whether a text is a secret by the specification, so that every library of it makes the same key of it.</summary>
    public static bool IsSecret(string? text) => text is not null && TryReadKey(text) is not null;

    private static byte[]? TryReadKey(string secret)
    {
        var bytes = new byte[MaxKeyBytes + 3];
        return
            secret.StartsWith(EncodedPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(secret[EncodedPrefix.Length..], bytes, out var length)
            && length is >= MinKeyBytes and <= MaxKeyBytes
            ? bytes[..length]
            : null;
    }
}
