namespace Web.Fanout;

/// <summary>
/// How long the events of a page take from the publisher's first attempt to a viewer, over the last ten seconds. What viewers catch up with
/// is counted too. Thread-safe.
/// </summary>
internal sealed class DeliveryLatency(TimeProvider time)
{
    private const int Events = 1024;
    private const int Samples = 16_384;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly (long Number, long At)[] _published = new (long, long)[Events];
    private readonly (long At, double Milliseconds)[] _samples = new (long, double)[Samples];
    private long _count;

    /// <summary>An event is about to be published.</summary>
    public void Published(long number)
    {
        lock (_gate)
            _published[number % Events] = (number, time.GetTimestamp());
    }

    /// <summary>A viewer got an event.</summary>
    public void Delivered(long number)
    {
        // Anybody may publish on a topic.
        if (number < 0)
            return;
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var (known, at) = _published[number % Events];
            if (known == number)
                _samples[_count++ % Samples] = (now, time.GetElapsedTime(at, now).TotalMilliseconds);
        }
    }

    /// <summary>The times within which half and 99 of 100 deliveries came, in milliseconds; null when there were none.</summary>
    public (double P50, double P99)? Percentiles()
    {
        var now = time.GetTimestamp();
        double[] recent;
        lock (_gate)
        {
            recent =
            [
                .. _samples
                    .Take((int)Math.Min(_count, Samples))
                    .Where(sample => time.GetElapsedTime(sample.At, now) <= Window)
                    .Select(sample => sample.Milliseconds),
            ];
        }
        if (recent.Length == 0)
            return null;
        Array.Sort(recent);
        return (At(.5), At(.99));

        double At(double share) => recent[Math.Max(0, (int)Math.Ceiling(share * recent.Length) - 1)];
    }
}
