using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Fuzz;

/// <summary>
/// Gives mutated inputs to everything that reads what others may have written, for a stated time; what throws or takes too
/// long is kept in a file.
/// </summary>
internal static class FuzzCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    public static int Run(string[] args)
    {
        var time = TimeSpan.FromSeconds(Arguments.Number(args, "--seconds", 60));
        var seed = Arguments.Number(args, "--seed", Environment.TickCount & 0xFFFFFF);
        var only = Arguments.Text(args, "--only");
        var targets = FuzzTarget.All.Where(target => only is null || target.Name == only).ToList();
        if (targets.Count == 0)
        {
            var names = string.Join(", ", FuzzTarget.All.Select(target => target.Name));
            throw new ArgumentException($"There is no target '{only}'; there are {names}.");
        }
        Console.WriteLine("| target | inputs | slowest ms | failures |");
        Console.WriteLine("|---|---:|---:|---:|");
        var failures = 0;
        foreach (var target in targets)
            failures += Run(target, time / targets.Count, seed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nSeed {seed}."));
        return failures == 0 ? 0 : 1;
    }

    private static int Run(FuzzTarget target, TimeSpan time, int seed)
    {
        var (mutator, inputs, failures, slowest) = (new Mutator(seed, target.Seeds), 0L, 0, TimeSpan.Zero);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var input = mutator.Next();
            var began = Stopwatch.GetTimestamp();
            string? wrong = null;
            try
            {
                target.Read(input);
            }
            catch (Exception e)
            {
                wrong = e.ToString();
            }
            var took = Stopwatch.GetElapsedTime(began);
            (inputs, slowest) = (inputs + 1, took > slowest ? took : slowest);
            if (took > Limit)
                wrong ??= $"It took {took.TotalSeconds:0.0} s.";
            if (wrong is null)
                continue;
            var file = Path.GetFullPath($"fuzz-{target.Name}-{++failures}.bin");
            File.WriteAllBytes(file, input);
            Console.Error.WriteLine($"{target.Name}: {file}\n{wrong}");
            if (failures == 10)
                break;
        }
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"| {target.Name} | {inputs:N0} | {slowest.TotalMilliseconds:0} | {failures} |")
        );
        return failures;
    }
}
