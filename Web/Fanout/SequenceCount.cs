namespace Web.Fanout;

/// <summary>
/// Judges the numbers that a viewer gets, from what the producer wrote into the events and from nothing else: neither ids nor the client's
/// own bookkeeping have a say. Begins with whatever number comes first. Not thread-safe.
/// </summary>
internal sealed class SequenceCount
{
    private const int MaxRemembered = 10_000;

    private readonly HashSet<long> _skipped = [];
    private long? _last;

    public long Received { get; private set; }

    /// <summary>Numbers that were skipped and have not come since.</summary>
    public long Missing { get; private set; }

    /// <summary>Numbers that came again.</summary>
    public long Duplicated { get; private set; }

    /// <summary>Numbers that came after a higher one.</summary>
    public long OutOfOrder { get; private set; }

    public void Count(long number)
    {
        if (_last is not { } last || number == last + 1)
        {
            _last = number;
        }
        else if (number > last)
        {
            Missing += number - last - 1;
            for (var skipped = last + 1; skipped < number && _skipped.Count < MaxRemembered; skipped++)
                _skipped.Add(skipped);
            _last = number;
        }
        else if (_skipped.Remove(number))
        {
            Missing--;
            OutOfOrder++;
        }
        else
        {
            Duplicated++;
            return;
        }
        Received++;
    }

    /// <summary>Counts on from whatever comes next: the server has said that something is gone.</summary>
    public void StartAnew()
    {
        _last = null;
        _skipped.Clear();
    }
}
