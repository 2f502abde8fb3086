using System.Diagnostics;

namespace EventStreams.Access;

/// <summary>
/// The time by Redis, which all replicas share, in microseconds since 1970. Asked for with every look at the revocations, and carried on
/// in between; before the first look it is this machine's.
/// </summary>
internal sealed class RedisClock(TimeProvider time)
{
    private Reading? _last;

    /// <summary>Now, late by no more than an answer takes to travel.</summary>
    public long Now
    {
        get
        {
            if (Volatile.Read(ref _last) is { } last)
                return last.Time + (long)Stopwatch.GetElapsedTime(last.At).TotalMicroseconds;
            return MicrosecondsOf(time.GetUtcNow());
        }
    }

    /// <summary>Redis has told the time.</summary>
    public void Observe(long microseconds) => Volatile.Write(ref _last, new Reading(microseconds, Stopwatch.GetTimestamp()));

    public static long MicrosecondsOf(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed record Reading(long Time, long At);
}
