using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Subtitles.Jobs;

/// <summary>How owners are called in the names of keys.</summary>
public static class JobOwner
{
    /// <summary>Of one length, without any character that has a meaning, and nothing that tells who it is.</summary>
    public static string KeyOf(string owner) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(owner)).AsSpan(0, 16));
}
