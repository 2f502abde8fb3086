namespace Worker;

/// <summary>Lets a progress event pass when it says something new in whole percent, and at most four a second.</summary>
internal sealed class ProgressGate(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);

    private (string Stage, int Percent)? _last;
    private long _lastAt;

    public bool TryPass(string stage, double percent)
    {
        var now = (stage, (int)percent);
        if (_last == now || (_last is not null && time.GetElapsedTime(_lastAt) < Shortest))
            return false;
        _last = now;
        _lastAt = time.GetTimestamp();
        return true;
    }
}
