using System.Globalization;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace LocalHosting.Redis;

/// <summary>What a server is told. It goes through a file that only this user can read, as arguments are visible to all.</summary>
/// <param name="Folder">Where the data is; null keeps it in memory alone.</param>
internal sealed record RedisConfiguration(int Port, string Password, string? Folder, PersistenceIntervalAnnotation? Snapshots)
{
    /// <summary>The configuration file of redis-server and valkey-server.</summary>
    public string ForRedis()
    {
        List<string> lines =
        [
            $"port {Port.ToString(CultureInfo.InvariantCulture)}",
            "bind 127.0.0.1 -::1",
            $"requirepass {Password}",
            // A stream's log must never be dropped silently because memory is short.
            "maxmemory-policy noeviction",
        ];
        if (Folder is null)
        {
            lines.AddRange(["appendonly no", "save \"\""]);
        }
        else
        {
            lines.AddRange(["appendonly yes", "appendfsync everysec", $"dir \"{Folder.Replace("\\", "\\\\").Replace("\"", "\\\"")}\""]);
            lines.Add(Snapshots is { } s
                ? string.Create(CultureInfo.InvariantCulture, $"save {(long)s.Interval.TotalSeconds} {s.KeysChangedThreshold}")
                : "save \"\"");
        }

        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The configuration file of Garnet.</summary>
    /// <remarks>
    /// Measured with 2.2.8: its default storage device needs a native library that many systems lack, and without it the process ends at the
    /// first commit of the log; RandomAccess is plain .NET. With a commit of the append-only log begun at every write, what was written
    /// survives SIGTERM and kill -9; with one every 10 or 100 ms the last writes before a SIGTERM were lost, as Garnet commits nothing on its
    /// way out. It costs about half of the throughput, which is ample here. A checkpoint lets the log be cut. Without Lua's transaction mode scripts are not atomic.
    /// </remarks>
    public string ForGarnet()
    {
        var settings = new Dictionary<string, object>
        {
            ["Port"] = Port,
            ["Address"] = "127.0.0.1",
            ["AuthenticationMode"] = "Password",
            ["Password"] = Password,
            ["EnableLua"] = true,
            ["LuaTransactionMode"] = true,
            ["LogMemorySize"] = "1g",
            ["PageSize"] = "4m",
            ["IndexMemorySize"] = "32m",
            ["QuietMode"] = true,
        };
        if (Folder is not null)
        {
            settings["EnableAOF"] = true;
            settings["AofMemorySize"] = "32m";
            settings["AofPageSize"] = "8m";
            settings["CommitFrequencyMs"] = 0;
            settings["CheckpointDir"] = Folder;
            settings["CheckpointFrequencySecs"] = 300;
            settings["DeviceType"] = "RandomAccess";
            settings["Recover"] = true;
        }

        return JsonSerializer.Serialize(settings);
    }
}
