using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Subtitles.Webhooks;

/// <summary>
/// The signature of a webhook, by the Standard Webhooks specification: HMAC-SHA256 over the id, the time and the body, so that a receiver can tell a forgery, and a message that somebody sends again later.
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

    /// <summary>The signature.</summary>
    /// <param name="secret">The shared secret: text, or <c>whsec_</c> and bytes in base64.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="time">The time of the try.</param>
    /// <param name="body">The body, byte by byte.</param>
    public static string Create(string secret, string id, DateTimeOffset time, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(secret);
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{time.ToUnixTimeSeconds()}.")), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(KeyOf(secret), signed));
    }

    private static byte[] KeyOf(string secret)
    {
        if (secret.StartsWith(EncodedPrefix, StringComparison.Ordinal))
        {
            var bytes = new byte[secret.Length];
            if (Convert.TryFromBase64String(secret[EncodedPrefix.Length..], bytes, out var length) && length > 0)
                return bytes[..length];
        }
        return Encoding.UTF8.GetBytes(secret);
    }
}
