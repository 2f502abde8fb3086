namespace Benchmarks.Faults;

/// <summary>What a fault run has shown.</summary>
/// <param name="Readers">Readers.</param>
/// <param name="Whole">Readers that saw every event once and in order, and were told of no gap.</param>
/// <param name="Duplicated">Events that a reader got again.</param>
/// <param name="Reordered">Events that came after a later one.</param>
/// <param name="LostUntold">Events missing without a notice at their place.</param>
/// <param name="LostTold">Events missing behind a notice.</param>
/// <param name="Gaps">Notices.</param>
/// <param name="Behind">Readers that had not got the newest event when the run was given up.</param>
/// <param name="Events">Events published.</param>
/// <param name="Retries">Publishes that were repeated.</param>
/// <param name="Streams">Streams that the readers opened.</param>
/// <param name="Stalls">The longest time between two events of a reader, for each fault.</param>
internal sealed record FaultOutcome(
    int Readers,
    int Whole,
    int Duplicated,
    int Reordered,
    int LostUntold,
    int LostTold,
    int Gaps,
    int Behind,
    int Events,
    int Retries,
    int Streams,
    IReadOnlyList<(string Fault, TimeSpan WorstStall)> Stalls
)
{
    public TimeSpan WorstStall => Stalls.Count == 0 ? TimeSpan.Zero : Stalls.Max(stall => stall.WorstStall);

    /// <summary>Judges what the readers wrote down.</summary>
    public static FaultOutcome Of(
        IReadOnlyList<ResumingReader> readers,
        IReadOnlyList<NumberProducer> producers,
        IReadOnlyList<(string, TimeSpan)> stalls
    )
    {
        var newest = producers.ToDictionary(producer => producer.Topic, producer => producer.Newest);
        int whole = 0,
            duplicated = 0,
            reordered = 0,
            untold = 0,
            told = 0,
            gaps = 0,
            behind = 0;
        foreach (var reader in readers)
        {
            var known = new HashSet<int>();
            var last = 0;
            var isTold = false;
            var isWhole = true;
            foreach (var number in reader.Seen)
            {
                if (number == ResumingReader.Gap)
                {
                    gaps++;
                    isTold = true;
                    isWhole = false;
                    continue;
                }
                if (!known.Add(number))
                    duplicated++;
                else if (number < last)
                    reordered++;
                else if (number > last + 1 && isTold)
                    told += number - last - 1;
                else if (number > last + 1)
                    untold += number - last - 1;
                isWhole &= number == last + 1;
                last = Math.Max(last, number);
                isTold = false;
            }
            if (last != newest[reader.Topic])
                behind++;
            else if (isWhole)
                whole++;
        }
        return new FaultOutcome(
            readers.Count,
            whole,
            duplicated,
            reordered,
            untold,
            told,
            gaps,
            behind,
            newest.Values.Sum(),
            producers.Sum(p => p.Retries),
            readers.Sum(r => r.Streams),
            stalls
        );
    }
}
