namespace Dashboard.Telemetry.Metrics;

/// <summary>Estimates percentiles from a histogram's buckets.</summary>
internal static class Percentile
{
    /// <summary>The value below which a share of the measurements lies, as if they were spread evenly in their bucket; null when there are none.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="bounds">The upper bound of each bucket but the last, which has none: what is in it counts as its lower bound.</param>
    /// <param name="counts">How many measurements each bucket has.</param>
    public static double? Of(double share, double[] bounds, double[] counts)
    {
        var total = counts.Sum();
        if (total <= 0 || bounds.Length == 0)
        {
            return null;
        }

        var rank = share * total;
        var below = 0.0;
        for (var i = 0; i < bounds.Length; i++)
        {
            if (counts[i] > 0 && below + counts[i] >= rank)
            {
                // Measurements are nearly always times or sizes, so that the first bucket begins at 0.
                var lower = i == 0 ? Math.Min(0, bounds[0]) : bounds[i - 1];
                return lower + ((bounds[i] - lower) * ((rank - below) / counts[i]));
            }

            below += counts[i];
        }

        return bounds[^1];
    }
}
