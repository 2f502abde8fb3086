using System.Text.Json;

namespace AppHost.Redis;

/// <summary>The configuration files of the servers; the port comes as an argument.</summary>
internal static class RedisConfiguration
{
    /// <summary>For redis-server and valkey-server.</summary>
    public static string OfRedis(string password, string folder) =>
        $"""
            bind 127.0.0.1 -::1
            requirepass {password}
            dir "{folder.Replace("\\", "\\\\").Replace("\"", "\\\"")}"
            appendonly yes
            appendfsync everysec
            save ""
            # A stream's log must never be dropped silently because memory is short.
            maxmemory-policy noeviction

            """;

    /// <summary>For Garnet.</summary>
    /// <remarks>
    /// Measured with 2.2.8: its default storage device needs a native library that many systems lack, and without it the process ends at
    /// the first commit of the log; RandomAccess is plain .NET. With a commit of the append-only log begun at every write, what was written
    /// survives SIGTERM and kill -9; with one every 10 or 100 ms the last writes before a SIGTERM were lost, as Garnet commits nothing on
    /// its way out. It costs about half of the throughput, which is ample here. A checkpoint lets the log be cut. Without Lua's transaction
    /// mode scripts are not atomic.
    /// </remarks>
    public static string OfGarnet(string password, string folder) =>
        JsonSerializer.Serialize(
            new Dictionary<string, object>
            {
                ["Address"] = "127.0.0.1",
                ["AuthenticationMode"] = "Password",
                ["Password"] = password,
                ["EnableLua"] = true,
                ["LuaTransactionMode"] = true,
                ["LogMemorySize"] = "1g",
                ["PageSize"] = "4m",
                ["IndexMemorySize"] = "32m",
                ["QuietMode"] = true,
                ["EnableAOF"] = true,
                ["AofMemorySize"] = "32m",
                ["AofPageSize"] = "8m",
                ["CommitFrequencyMs"] = 0,
                ["CheckpointDir"] = folder,
                ["CheckpointFrequencySecs"] = 300,
                ["DeviceType"] = "RandomAccess",
                ["Recover"] = true,
            }
        );
}
