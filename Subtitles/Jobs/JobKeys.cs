using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Subtitles.Jobs;

/// <summary>
/// The names of everything that the queue keeps in Redis. All share one hash tag, so that in a cluster they live together and one script
/// may touch them all.
/// </summary>
internal sealed class JobKeys
{
    // Some time in 2286.
    private const long LatestMicrosecond = 9_999_999_999_999_999;

    private readonly string _prefix;

    public JobKeys(string prefix)
    {
        _prefix = prefix + ":{jobs}:";
        // The numbers are those of KEYS in the scripts. Every script is given all of them: a server that locks a script's keys (Garnet) so
        // runs them one after another.
        All =
        [
            _prefix + "documents", // 1 hash: id -> the job as JSON
            _prefix + "waiting", // 2 sorted set: jobs that are ready, by their turn
            _prefix + "delayed", // 3 sorted set: ids by when they become ready
            _prefix + "leases", // 4 sorted set: ids by when their lease expires
            _prefix + "created", // 5 sorted set: ids by when they were submitted
            _prefix + "ended", // 6 sorted set: ids by when they are to be forgotten
            _prefix + "dead", // 7 sorted set: ids of failed jobs by when they failed
            _prefix + "webhooks", // 8 sorted set: ids of ended jobs by when their webhook is to be tried (again)
            _prefix + "owned", // 9 sorted set, by name: the jobs of each owner, newest first
            _prefix + "turns", // 10 hash: the turn that is served, and the last one of each owner
            _prefix + "owners", // 11 hash: how many jobs and bytes each owner has
        ];
        WakeUp = RedisChannel.Literal(_prefix + "wake-up");
    }

    public RedisKey[] All { get; }

    public RedisKey Documents => All[0];

    public RedisKey Waiting => All[1];

    public RedisKey Delayed => All[2];

    public RedisKey Leases => All[3];

    public RedisKey Created => All[4];

    public RedisKey Owned => All[8];

    public RedisKey Owners => All[10];

    /// <summary>What workers can do.</summary>
    public RedisKey Abilities => _prefix + "abilities";

    /// <summary>Rings when a job has become ready.</summary>
    public RedisChannel WakeUp { get; }

    /// <summary>Where a job stands in its owner's list: the newest comes first by its name.</summary>
    public static string PlaceOf(string owner, JobCursor job) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{JobOwner.KeyOf(owner)}:{LatestMicrosecond - job.CreatedMicroseconds:0000000000000000}-{job.Id}"
        );

    /// <summary>Reads what <see cref="PlaceOf"/> wrote.</summary>
    public static bool TryReadPlace(string place, out JobCursor job)
    {
        job = default;
        if (!JobCursor.TryParse(place[(place.IndexOf(':', StringComparison.Ordinal) + 1)..], out var read))
            return false;
        job = read with { CreatedMicroseconds = LatestMicrosecond - read.CreatedMicroseconds };
        return true;
    }

    /// <summary>The id of a job that waits: its name in the queue begins with the number by which it entered.</summary>
    public static RedisValue IdOf(RedisValue waiting) => waiting.ToString()[17..];

    /// <summary>Maps an owner's idempotency key to a job's id. Hashed, since clients choose the text.</summary>
    public RedisKey Idempotency(string owner, string key) =>
        _prefix + "idempotency:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{JobOwner.KeyOf(owner)}:{key}")));
}
