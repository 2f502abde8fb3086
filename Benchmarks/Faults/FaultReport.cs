using System.Globalization;
using System.Text;
using HistoryChecker;

namespace Benchmarks.Faults;

/// <summary>What the faults have shown, as the page docs/faults.md.</summary>
internal static class FaultReport
{
    private static readonly Dictionary<FaultSetup, string> Setups = new()
    {
        [FaultSetup.Server] = "one Redis, with an append-only file that is written before it answers",
        [FaultSetup.Garnet] = "one Garnet, which keeps nothing",
        [FaultSetup.Nginx] = "nginx before the replicas, set up as in [operations](operations.md#proxies)",
        [FaultSetup.Pair] = "a primary and a copy, without files",
        [FaultSetup.Cluster] =
            "a Redis Cluster of three primaries with a copy each, without files; the fault is done to the slot of one topic",
    };

    public static string Of(
        FaultOptions options,
        IReadOnlyList<FaultOutcome> outcomes,
        IReadOnlyList<Verdict> verdicts,
        IReadOnlyList<string> missing
    )
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"""
            # Faults

            What readers saw while things went wrong. This page was made on {DateTime.UtcNow:yyyy-MM-dd} by
            `Benchmarks faults --rounds {options.Rounds} --readers {options.Readers} --markdown docs/faults.md`,
            on {Environment.ProcessorCount} cores that ran everything: {options.Replicas} replicas of the Api, the servers of the log,
            {options.Readers} readers over {options.Topics} topics that resume as a plain `EventSource` does, and a producer for each topic
            ({1 / options.Pace.TotalSeconds:0} events a second) that repeats what has no answer. One fault at a time,
            {options.Rounds} times in a row; the next one begins when every reader has what was published after the last.

            - **lost, not told**, **duplicated**, **reordered**: events, of all readers together. They must be 0 in every row.
            - **lost, told**: events that were gone from the log before a reader came for them, behind a notice (`stream.gap`)
              at their place. Only in rows whose fault takes events from the log.
            - **repeated**: publishes without an answer, that the producers repeated.
            - **worst stall**: the longest time between two events of any reader.

            """
        );
        foreach (var outcome in outcomes)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"""

                ## {Capital(Setups[outcome.Faults[0].Fault.Setup])}

                | fault | lost, not told | duplicated | reordered | lost, told | notices | repeated | worst stall s |
                |---|---:|---:|---:|---:|---:|---:|---:|

                """
            );
            foreach (var (fault, f) in outcome.Faults)
            {
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {fault.Name}{(f.Behind > 0 ? $" **({f.Behind} readers left behind)**" : "")} "
                        + $"| {f.LostUntold} | {f.Duplicated} | {f.Reordered} "
                        + $"| {f.LostTold} | {f.Gaps} | {f.Retries} | {f.WorstStall.TotalSeconds:0.0} |"
                );
            }
        }
        text.Append(
            CultureInfo.InvariantCulture,
            $"""

            ## The histories

            Every publish with its outcome and every delivery was written down, and judged by the history checker (`HistoryChecker/`):
            {(verdicts.All(verdict => verdict.IsGood) ? "all histories are proved" : "**a history is refuted**")}. Together they have
            {verdicts.Sum(v => v.Acknowledged):N0} publishes that were acknowledged, {verdicts.Sum(v => v.Repeats):N0} repeats,
            {verdicts.Sum(v => v.Deliveries):N0} deliveries, and {verdicts.Sum(v =>
                v.LostTold
            ):N0} events that a reader lacks behind a notice.

            """
        );
        text.AppendLine().AppendLine(Elsewhere);
        if (missing.Count > 0)
            text.AppendLine()
                .AppendLine("## Not made on this machine")
                .AppendLine()
                .AppendJoin('\n', missing.Select(row => "- " + row))
                .AppendLine();
        return text.ToString().ReplaceLineEndings("\n");
    }

    private const string Elsewhere = """
        ## Shown elsewhere, or not at all

        | fault | where |
        |---|---|
        | a worker killed in the middle of a cue | `Benchmarks subtitles`, `Tests/Faults/KilledWorkersTests.cs` |
        | the AppHost killed | `Tests/Integration/Hosting/AppHostProcessTests.cs` |
        | a client's connection broken within a block, at any byte | `Tests/Clients`: ten clients of others behind a proxy that cuts |
        | a publisher's clock that is wrong | `Tests/Contract/PublishOptionsContract.cs`; no clock of a replica decides about a log |
        | readers behind the AppHost's proxy | not made: they choose a replica themselves, or come by nginx |
        | a replica's clock that jumps while it runs | not made: it needs a library that is loaded before the program (libfaketime) |
        | a disk that is full | made as a file that may not grow, which is the same to Redis; no file system was filled |
        | Valkey | not run: no `valkey-server` on the machine; it is Redis 7.2 by origin |
        """;

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
