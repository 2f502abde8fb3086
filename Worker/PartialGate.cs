namespace Worker;

/// <summary>Lets at most five partial cues a second pass: eyes follow no faster, and each is an event for every viewer.</summary>
internal sealed class PartialGate(TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);

    private long? _lastAt;

    public bool TryPass()
    {
        if (_lastAt is { } last && time.GetElapsedTime(last) < Shortest)
            return false;
        _lastAt = time.GetTimestamp();
        return true;
    }
}
