namespace LocalHosting.Orchestration;

/// <summary>How long an end may take. The whole app is down within 10 s, so each stage leaves time for those that follow.</summary>
internal static class ShutdownBudget
{
    /// <summary>From the signal to the last process.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(9.5);

    /// <summary>What is kept for each later stage.</summary>
    public static readonly TimeSpan Reserve = TimeSpan.FromSeconds(1.5);

    /// <summary>For a single replica that is stopped by a command.</summary>
    public static readonly TimeSpan PerReplica = TimeSpan.FromSeconds(8);

    /// <summary>How long this stage may take when others follow.</summary>
    public static TimeSpan ForStage(TimeSpan left, int stagesAfter)
    {
        var share = left - (Reserve * stagesAfter);
        return share > TimeSpan.FromSeconds(0.5) ? share : TimeSpan.FromSeconds(0.5);
    }
}
