using System.Diagnostics;
using System.Threading.RateLimiting;
using StackExchange.Redis;

namespace Api.Limits;

/// <summary>
/// Lets so many calls pass in a window of time, counted in Redis for all replicas. The window begins with its first call, by the server's
/// clock. Where Redis cannot be reached, so that nothing can be counted, the call fails as the work behind it would.
/// </summary>
internal sealed class SharedWindowLimiter(IConnectionMultiplexer redis, string key, int limit, TimeSpan window) : RateLimiter
{
    // Returns how long the caller has to wait, in milliseconds; 0 when the call may pass.
    private const string Count = """
        local count = redis.call('INCR', KEYS[1])
        if count == 1 then
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        if count <= tonumber(ARGV[1]) then
          return 0
        end
        return math.max(1, redis.call('PTTL', KEYS[1]))
        """;

    private static readonly Lease Passed = new(true, TimeSpan.Zero);

    private long _usedAt = Stopwatch.GetTimestamp();

    public override TimeSpan? IdleDuration => Stopwatch.GetElapsedTime(Volatile.Read(ref _usedAt));

    public override RateLimiterStatistics? GetStatistics() => null;

    // It cannot be told without asking: what follows a refusal here is the call below.
    protected override RateLimitLease AttemptAcquireCore(int permitCount) => new Lease(permitCount == 0, TimeSpan.Zero);

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _usedAt, Stopwatch.GetTimestamp());
        var wait = (long)
            await redis
                .GetDatabase()
                .ScriptEvaluateAsync(Count, [key], [limit, (long)window.TotalMilliseconds])
                .WaitAsync(cancellationToken);
        return wait == 0 ? Passed : new Lease(false, TimeSpan.FromMilliseconds(wait));
    }

    private sealed class Lease(bool isAcquired, TimeSpan retryAfter) : RateLimitLease
    {
        public override bool IsAcquired => isAcquired;

        public override IEnumerable<string> MetadataNames => isAcquired ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = retryAfter;
            return !isAcquired && metadataName == MetadataName.RetryAfter.Name;
        }
    }
}
