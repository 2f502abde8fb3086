namespace Benchmarks.Faults;

/// <summary>What one fault has shown, in all rounds of a run; or all of them together.</summary>
internal sealed record FaultFigures
{
    /// <summary>Events that a reader got again.</summary>
    public int Duplicated { get; set; }

    /// <summary>Events that came after a later one.</summary>
    public int Reordered { get; set; }

    /// <summary>Events missing without a notice at their place.</summary>
    public int LostUntold { get; set; }

    /// <summary>Events missing behind a notice.</summary>
    public int LostTold { get; set; }

    /// <summary>Notices.</summary>
    public int Gaps { get; set; }

    /// <summary>Readers that had not got the newest event when they were given up.</summary>
    public int Behind { get; set; }

    /// <summary>Publishes that were repeated.</summary>
    public int Retries { get; set; }

    /// <summary>The longest time between two events of a reader.</summary>
    public TimeSpan WorstStall { get; set; }

    /// <summary>Whether nothing is wrong: what is lost is told, and all the rest came once and in order.</summary>
    public bool IsGood => this is { Duplicated: 0, Reordered: 0, LostUntold: 0, Behind: 0 };

    public void Add(FaultFigures other)
    {
        Duplicated += other.Duplicated;
        Reordered += other.Reordered;
        LostUntold += other.LostUntold;
        LostTold += other.LostTold;
        Gaps += other.Gaps;
        Behind += other.Behind;
        Retries += other.Retries;
        WorstStall = other.WorstStall > WorstStall ? other.WorstStall : WorstStall;
    }
}

/// <summary>What a fault run has shown.</summary>
/// <param name="Readers">Readers.</param>
/// <param name="Whole">Readers that saw every event once and in order, and were told of no gap.</param>
/// <param name="Events">Events published.</param>
/// <param name="Streams">Streams that the readers opened.</param>
/// <param name="All">The figures of all faults together.</param>
/// <param name="Faults">The figures of each.</param>
internal sealed record FaultOutcome(
    int Readers,
    int Whole,
    int Events,
    int Streams,
    FaultFigures All,
    IReadOnlyList<(Fault Fault, FaultFigures Figures)> Faults
)
{
    /// <summary>Judges what the readers wrote down.</summary>
    /// <param name="readers">The readers.</param>
    /// <param name="producers">The producers.</param>
    /// <param name="faults">What was done, in this order, with what is known of it otherwise.</param>
    /// <param name="marks">For each reader how much it had written down at the end of each fault.</param>
    public static FaultOutcome Of(
        IReadOnlyList<ResumingReader> readers,
        IReadOnlyList<NumberProducer> producers,
        IReadOnlyList<(Fault Fault, FaultFigures Figures)> faults,
        IReadOnlyList<IReadOnlyList<int>> marks
    )
    {
        var newest = producers.ToDictionary(producer => producer.Topic, producer => producer.Newest);
        var whole = 0;
        for (var i = 0; i < readers.Count; i++)
        {
            var last = Judge(readers[i].Seen, marks[i], faults, out var isWhole);
            if (last != newest[readers[i].Topic])
                faults[^1].Figures.Behind++;
            else if (isWhole)
                whole++;
        }
        var all = new FaultFigures();
        var perFault = new List<(Fault, FaultFigures)>();
        foreach (var rounds in faults.GroupBy(fault => fault.Fault))
        {
            var figures = new FaultFigures();
            foreach (var (_, round) in rounds)
                figures.Add(round);
            all.Add(figures);
            perFault.Add((rounds.Key, figures));
        }
        return new FaultOutcome(readers.Count, whole, newest.Values.Sum(), readers.Sum(r => r.Streams), all, perFault);
    }

    private static int Judge(
        IReadOnlyList<int> seen,
        IReadOnlyList<int> marks,
        IReadOnlyList<(Fault Fault, FaultFigures Figures)> faults,
        out bool isWhole
    )
    {
        var known = new HashSet<int>();
        var (last, at, isTold) = (0, 0, false);
        isWhole = true;
        for (var i = 0; i < seen.Count; i++)
        {
            // What comes behind the last fault belongs to it.
            while (at < marks.Count - 1 && i >= marks[at])
                at++;
            var (number, figures) = (seen[i], faults[at].Figures);
            if (number == ResumingReader.Gap)
            {
                figures.Gaps++;
                isTold = true;
                isWhole = false;
                continue;
            }
            if (!known.Add(number))
                figures.Duplicated++;
            else if (number < last)
                figures.Reordered++;
            else if (number > last + 1 && isTold)
                figures.LostTold += number - last - 1;
            else if (number > last + 1)
                figures.LostUntold += number - last - 1;
            isWhole &= number == last + 1;
            last = Math.Max(last, number);
            isTold = false;
        }
        return last;
    }
}
