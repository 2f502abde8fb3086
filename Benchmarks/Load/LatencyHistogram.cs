namespace Benchmarks.Load;

/// <summary>Counts latencies in buckets 2 % apart, from 1 µs to 100 s: a percentile is off by at most that much.</summary>
internal sealed class LatencyHistogram
{
    private const double Growth = 1.02;
    private static readonly double LogGrowth = Math.Log(Growth);
    private readonly long[] _buckets = new long[1000];

    public long Count { get; private set; }

    public void Add(long microseconds)
    {
        var bucket = microseconds <= 1 ? 0 : (int)(Math.Log(microseconds) / LogGrowth);
        _buckets[Math.Min(bucket, _buckets.Length - 1)]++;
        Count++;
    }

    public void Clear()
    {
        Array.Clear(_buckets);
        Count = 0;
    }

    /// <summary>Milliseconds.</summary>
    public double Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        var seen = 0L;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= wanted && seen > 0)
                return Math.Exp((i + 0.5) * LogGrowth) / 1000;
        }
        return 0;
    }
}
