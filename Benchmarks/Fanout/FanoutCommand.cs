using System.Globalization;
using Benchmarks.Charts;

namespace Benchmarks.Fanout;

/// <summary>Runs the works on the designs, prints every round, then the medians with this project's ratio to each peer, and writes the
/// rounds as JSON.</summary>
internal static class FanoutCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var work = Arguments.Text(args, "--work");
        if (work is not (null or "one" or "many"))
            throw new ArgumentException($"--work takes 'one' (one topic) or 'many' (many topics), not '{work}'.");
        var options = new FanoutOptions(
            Streams: Arguments.Number(args, "--streams", 3000),
            Replicas: Arguments.Number(args, "--replicas", 3),
            Seconds: Arguments.Number(args, "--seconds", 10),
            Topics: Arguments.Number(args, "--topics", 1000),
            OneTopic: work is not "many",
            ManyTopics: work is not "one",
            WarmSeconds: Arguments.Number(args, "--warm", 10)
        );
        var designs = new List<Func<Design>> { () => new EventStreamsDesign() };
        if (args.Contains("--peers"))
        {
            designs.AddRange([() => new SignalRDesign(), () => new NaiveDesign()]);
            if (NchanDesign.IsInstalled)
                designs.Insert(1, () => new NchanDesign());
            else
                await Console.Error.WriteLineAsync(
                    "nchan is left out: nginx with its module is not installed (on Debian: apt-get install nginx libnginx-mod-nchan)."
                );
        }
        if (Arguments.Text(args, "--only") is { } only)
            designs =
            [
                .. designs.Where(create =>
                {
                    using var d = create();
                    return only.Split(',').Contains(d.Name);
                }),
            ];
        var rounds = Arguments.Number(args, "--rounds", 1);
        var works = new List<Measurement>();
        var footprints = new List<Footprint>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var create in designs)
            {
                var (measured, footprint) = await new FanoutRun(options, text => Progress.Say($"[{round}/{rounds}] {text}")).RunAsync(
                    create
                );
                works.AddRange(measured);
                if (footprint is not null)
                    footprints.Add(footprint);
            }
        }
        Print(works, footprints);
        if (works.DistinctBy(work => work.Design).Skip(1).Any())
            PrintMedians(works);
        await Arguments.WriteJsonAsync(
            args,
            new
            {
                options,
                works,
                footprints,
            }
        );
        if (Arguments.Text(args, "--chart") is { } chart)
            FanoutChart.Save(chart, works, footprints);
        return works.All(work => work.Missing == 0) ? 0 : 1;
    }

    private static void Print(List<Measurement> works, List<Footprint> footprints)
    {
        Console.WriteLine();
        Console.WriteLine("| work | design | CPU µs/delivery | deliveries/s | p50 ms | p95 | p99 | p99.9 | missing |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var work in works.OrderBy(w => w.Work, StringComparer.Ordinal))
        {
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {work.Work} | {work.Design} | {work.ProcessorMicroseconds:0.0} | {work.DeliveriesPerSecond:0} | {work.P50:0.00} | "
                        + $"{work.P95:0.00} | {work.P99:0.00} | {work.P999:0.00} | {work.Missing} |"
                )
            );
        }
        if (footprints.Count == 0)
            return;
        Console.WriteLine();
        Console.WriteLine("| design | streams | open s | KiB/stream idle | KiB/stream after broadcasts |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var f in footprints)
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {f.Design} | {f.Streams} | {f.OpenSeconds:0.00} | {f.IdleKiB:0.0} | {f.UsedKiB:0.0} |"
                )
            );
    }

    private static void PrintMedians(List<Measurement> works)
    {
        Console.WriteLine();
        Console.WriteLine("| medians | design | CPU µs/delivery | this ÷ it | deliveries/s | this ÷ it | p50 ms | p99 ms | p99.9 ms |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var work in works.GroupBy(w => w.Work).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            // The first design is the one that all others are held against.
            var own = work.First().Design;
            double Of(string design, Func<Measurement, double> figure) => Medians.Of(work.Where(w => w.Design == design).Select(figure));
            foreach (var design in work.Select(w => w.Design).Distinct())
            {
                var (processor, rate) = (Of(design, w => w.ProcessorMicroseconds), Of(design, w => w.DeliveriesPerSecond));
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {work.Key} | {design} | {processor:0.0} | {Of(own, w => w.ProcessorMicroseconds) / processor:0.00} | {rate:0} "
                            + $"| {Of(own, w => w.DeliveriesPerSecond) / rate:0.00} | {Of(design, w => w.P50):0.00} | "
                            + $"{Of(design, w => w.P99):0.00} | {Of(design, w => w.P999):0.00} |"
                    )
                );
            }
        }
    }
}
