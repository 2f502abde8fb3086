using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Subtitles.Jobs;

/// <summary>
/// The names of everything that the queue keeps in Redis. All share one hash tag, so that in a cluster they live together and one script may touch them all.
/// </summary>
internal sealed class JobKeys
{
    private readonly string _prefix;

    public JobKeys(string prefix)
    {
        _prefix = prefix + ":{jobs}:";
        // The numbers are those of KEYS in the scripts. Every script is given all of them: a server that locks a script's keys (Garnet) so runs them one after another.
        All =
        [
            _prefix + "documents", // 1 hash: id -> the job as JSON
            _prefix + "ready",     // 2 list: ids, the next one first
            _prefix + "delayed",   // 3 sorted set: ids by when they become ready
            _prefix + "leases",    // 4 sorted set: ids by when their lease expires
            _prefix + "created",   // 5 sorted set: ids by when they were submitted
            _prefix + "ended",     // 6 sorted set: ids by when they are to be forgotten
            _prefix + "dead",      // 7 sorted set: ids of failed jobs by when they failed
            _prefix + "webhooks",  // 8 sorted set: ids of ended jobs by when their webhook is to be tried (again)
        ];
        WakeUp = RedisChannel.Literal(_prefix + "wake-up");
    }

    public RedisKey[] All { get; }

    public RedisKey Documents => All[0];

    public RedisKey Ready => All[1];

    public RedisKey Delayed => All[2];

    public RedisKey Leases => All[3];

    public RedisKey Created => All[4];

    /// <summary>Rings when a job has become ready.</summary>
    public RedisChannel WakeUp { get; }

    /// <summary>Maps an idempotency key to a job's id. Hashed, since clients choose the text.</summary>
    public RedisKey Idempotency(string key) => _prefix + "idempotency:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
