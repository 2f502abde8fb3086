using Dashboard.Otlp.Messages;

namespace Dashboard.Otlp;

/// <summary>
/// Puts the buckets of an exponential histogram, whose bounds move with its values, into buckets whose bounds stay: powers of the fourth root of 2, so that a percentile is off by
/// less than a tenth. Only the same buckets can be subtracted over time and added up over processes.
/// </summary>
internal static class ExponentialBuckets
{
    private const int PerDoubling = 4;

    // From a nanosecond to three years, for values in seconds.
    private const int LowestPower = -30;
    private const int HighestPower = 27;

    /// <summary>The upper bounds, the same for all histograms.</summary>
    public static double[] Bounds { get; } =
        [.. Enumerable.Range(LowestPower * PerDoubling, ((HighestPower - LowestPower) * PerDoubling) + 1).Select(i => Math.Pow(2, (double)i / PerDoubling))];

    /// <summary>The counts within <see cref="Bounds"/>; null when the point is not valid. Values that are not above 0 are in the first bucket.</summary>
    public static ulong[]? Read(ExponentialHistogramDataPoint point)
    {
        // Beyond these scales a bucket is either all doubles or less than one.
        if (point.Scale is < -10 or > 20)
        {
            return null;
        }

        var counts = new ulong[Bounds.Length + 1];
        counts[0] = point.ZeroCount;
        foreach (var count in point.Negative?.BucketCounts ?? [])
        {
            counts[0] += count;
        }

        for (var i = 0; i < point.Positive?.BucketCounts.Count; i++)
        {
            // The upper bound of bucket i is 2^((offset + i + 1) / 2^scale); its middle says where it belongs.
            var power = ((double)point.Positive.Offset + i + 0.5) * Math.Pow(2, -point.Scale);
            var at = Math.Ceiling((power - LowestPower) * PerDoubling);
            counts[(int)Math.Clamp(at, 0, Bounds.Length)] += point.Positive.BucketCounts[i];
        }

        return counts;
    }
}
