using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EventStreams.Redis;

/// <summary>A Lua script, embedded beside the code that calls it, and the hash by which a server that has seen it knows it.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript Publish = Load("publish.lua");

    public static readonly RedisScript Read = Load("read.lua");

    public static readonly RedisScript Presence = Load("presence.lua");

    public static readonly RedisScript PresenceRead = Load("presence-read.lua");

    public static readonly RedisScript Revocations = Load("revocations.lua");

    public static readonly RedisScript ReadState = Load("state.lua");

    private RedisScript(string text)
    {
        Text = text;
        Hash = HashOf(text);
        HashText = Convert.ToHexStringLower(Hash);
    }

    public string Text { get; }

    /// <summary>SHA-1 of the text. Worked out once: to find the hash by the text at every call would cost more than the call.</summary>
    public byte[] Hash { get; }

    /// <summary>The same, for calls that name it as text.</summary>
    public string HashText { get; }

    [SuppressMessage("Security", "CA5350", Justification = "Redis names its scripts so; nothing is secured by it.")]
    private static byte[] HashOf(string text) => SHA1.HashData(Encoding.UTF8.GetBytes(text));

    private static RedisScript Load(string name)
    {
        using var stream =
            typeof(RedisScript).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded in the assembly.");
        using var reader = new StreamReader(stream);
        return new RedisScript(reader.ReadToEnd());
    }
}
