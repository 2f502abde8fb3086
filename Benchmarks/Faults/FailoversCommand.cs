using EventStreams;

namespace Benchmarks.Faults;

/// <summary>Kills primaries, and counts acknowledged events that are gone: with the durability that is asked for, or with each.</summary>
internal static class FailoversCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = Arguments.Number(args, "--rounds", 20);
        var only = Arguments.Text(args, "--durability");
        Console.WriteLine("| durability | primaries killed | acknowledged | repeated | acknowledged and lost | duplicated |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        var isKept = true;
        foreach (var durability in only is null ? Enum.GetValues<Durability>() : [Enum.Parse<Durability>(only, ignoreCase: true)])
        {
            var o = await new FailoverRun(durability, Progress.Say).RunAsync(rounds);
            Console.WriteLine($"| {durability} | {rounds} | {o.Acknowledged} | {o.Repeated} | {o.Lost} | {o.Duplicated} |");
            isKept &= o.Duplicated == 0 && (durability == Durability.Default || o.Lost == 0);
        }
        return isKept ? 0 : 1;
    }
}
