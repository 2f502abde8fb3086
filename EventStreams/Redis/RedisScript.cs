namespace EventStreams.Redis;

/// <summary>The Lua scripts, embedded beside the code that calls them.</summary>
internal static class RedisScript
{
    public static readonly string Publish = Load("publish.lua");

    public static readonly string Read = Load("read.lua");

    private static string Load(string name)
    {
        using var stream = typeof(RedisScript).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
