namespace Dashboard.Telemetry.Metrics;

/// <summary>A range of time in ticks, cut into steps of the same length.</summary>
internal readonly record struct TimeGrid(long From, long Step, int Steps)
{
    /// <summary>The steps begin at multiples of their length, so that values do not change as the range moves on; the last one is over.</summary>
    public static TimeGrid Ending(long to, long range, int steps)
    {
        var step = Math.Max(1, range / steps);
        return new(to - (to % step) - (step * steps), step, steps);
    }

    public long To => StartOf(Steps);

    public double Seconds => (double)Step / TimeSpan.TicksPerSecond;

    public long StartOf(int step) => From + (Step * step);

    /// <summary>The step that a moment is in; below 0 before the range.</summary>
    public int StepOf(long moment) => moment < From ? -1 : (int)Math.Min(Steps, (moment - From) / Step);
}
