using System.Globalization;
using Benchmarks.Charts;

namespace Benchmarks.Soak;

/// <summary>Whether anything grows that should not: what the servers hold over a long time, as a table, as JSON and as a chart.</summary>
internal static class SoakCommand
{
    private const int Samples = 120;
    private const int Rows = 12;
    private const double MostGrowth = 1.1;
    private const string Header =
        "| minute | streams | replicas MiB | handles | threads | Redis MiB | keys | subscriptions | deliveries/s | p99 ms |";

    public static async Task<int> RunAsync(string[] args)
    {
        var duration = TimeSpan.FromMinutes(Arguments.Number(args, "--minutes", 30));
        var run = new SoakRun(
            Arguments.Number(args, "--streams", 10_000),
            Arguments.Number(args, "--replicas", 3),
            TimeSpan.FromSeconds(Arguments.Number(args, "--stay", 60)),
            Progress.Say
        );
        var samples = await run.RunAsync(duration, Samples);
        Console.WriteLine(Header);
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (var i = 0; i < samples.Count; i++)
        {
            if ((i + 1) % (Samples / Rows) == 0 || i == samples.Count - 1)
                Print(samples[i]);
        }
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"\n{run.Came:N0} viewers came; {run.Lost} streams were closed by a replica. {run.TurnedAway}\n"
            )
        );
        var grew = samples.Count < Samples || !Judge(samples);
        await Arguments.WriteJsonAsync(args, samples);
        if (Arguments.Text(args, "--chart") is { } chart)
            SoakChart.Save(chart, samples);
        return grew || run.Lost > 0 ? 1 : 0;
    }

    private static void Print(SoakSample s) =>
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {s.Minutes:0.0} | {s.Streams:N0} | {s.ReplicaMiB:0} | {s.Handles:N0} | {s.Threads} | {s.RedisMiB:0.0} | {s.Keys:N0} "
                    + $"| {s.Subscriptions:N0} | {s.DeliveriesPerSecond:N0} | {s.P99:0.0} |"
            )
        );

    // The first third is warm-up; then the medians of the second and of the last are held against each other.
    private static bool Judge(IReadOnlyList<SoakSample> samples)
    {
        var isGood = true;
        foreach (var (name, figure) in Figures)
        {
            var (middle, last) = (Median(samples, 1, figure), Median(samples, 2, figure));
            isGood &= last <= middle * MostGrowth;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name}: {middle:N1} in the second third, {last:N1} in the last ({last / middle - 1:+0.0 %;-0.0 %})"
                )
            );
        }
        return isGood;
    }

    private static IEnumerable<(string Name, Func<SoakSample, double> Figure)> Figures =>
        [
            ("replicas MiB", sample => sample.ReplicaMiB),
            ("handles", sample => sample.Handles),
            ("threads", sample => sample.Threads),
            ("Redis MiB", sample => sample.RedisMiB),
            ("keys", sample => sample.Keys),
            ("subscriptions", sample => sample.Subscriptions),
        ];

    private static double Median(IReadOnlyList<SoakSample> samples, int third, Func<SoakSample, double> figure)
    {
        var figures = samples.Skip(samples.Count * third / 3).Take(samples.Count / 3).Select(figure).Order().ToList();
        return figures[figures.Count / 2];
    }
}
