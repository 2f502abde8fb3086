using System.Globalization;

namespace Benchmarks.Faults;

/// <summary>Runs the faults and prints what the readers saw.</summary>
internal static class FaultsCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var options = new FaultOptions
        {
            Readers = Arguments.Number(args, "--readers", 100),
            Rounds = Arguments.Number(args, "--rounds", 1),
            Topics = Arguments.Number(args, "--topics", 5),
        };
        var kept = await new FaultRun(options, Console.Error.WriteLine).RunAsync(FaultRun.Harmless);
        var empty = await new FaultRun(options, Console.Error.WriteLine).RunAsync(FaultRun.Losing);
        Console.WriteLine();
        Console.WriteLine(
            "| run | events | readers whole | duplicated | reordered | lost, not told | lost, told | gaps told | left behind | publishes "
                + "repeated | streams opened | worst stall s |"
        );
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        Print("Redis keeps its data", kept);
        Print("Redis comes back empty", empty);
        Console.WriteLine();
        Console.WriteLine("| fault | worst stall s |");
        Console.WriteLine("|---|---:|");
        foreach (var stalls in kept.Stalls.Concat(empty.Stalls).GroupBy(stall => stall.Fault))
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"| {stalls.Key} | {stalls.Max(stall => stall.WorstStall.TotalSeconds):0.00} |")
            );
        return kept.Whole == kept.Readers && empty is { Duplicated: 0, Reordered: 0, LostUntold: 0, Behind: 0 } ? 0 : 1;
    }

    private static void Print(string name, FaultOutcome o) =>
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {o.Events} | {o.Whole} of {o.Readers} | {o.Duplicated} | {o.Reordered} | {o.LostUntold} | {o.LostTold} | "
                    + $"{o.Gaps} | {o.Behind} | {o.Retries} | {o.Streams} | {o.WorstStall.TotalSeconds:0.00} |"
            )
        );
}
