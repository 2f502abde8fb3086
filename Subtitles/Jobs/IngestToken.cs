using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Subtitles.Jobs;

/// <summary>The right to send the media of one live job: 256 random bits, of which the job keeps the hash alone.</summary>
public static class IngestToken
{
    private const int Bytes = 32;

    /// <summary>Draws a token.</summary>
    public static string Create() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What the job keeps.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Whether the token is that of the job; takes the same time whatever is wrong about it.</summary>
    public static bool IsOf(JobRequest request, string? token)
    {
        ArgumentNullException.ThrowIfNull(request);
        return token is not null
            && request.IngestTokenHash is { } hash
            && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(token)), Encoding.ASCII.GetBytes(hash));
    }
}
