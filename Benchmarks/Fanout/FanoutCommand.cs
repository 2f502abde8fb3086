using System.Globalization;
using System.Text.Json;

namespace Benchmarks.Fanout;

/// <summary>Runs the works on the designs, prints a table with ratios, and writes the same as JSON.</summary>
internal static class FanoutCommand
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(string[] args)
    {
        var options = new FanoutOptions(
            Streams: Arguments.Number(args, "--streams", 3000), Replicas: Arguments.Number(args, "--replicas", 3), Seconds: Arguments.Number(args, "--seconds", 10), Topics: Arguments.Number(args, "--topics", 1000));
        var designs = new List<Func<Design>> { () => new EventStreamsDesign() };
        if (args.Contains("--peers"))
        {
            designs.AddRange([() => new SignalRDesign(), () => new NaiveDesign()]);
            if (NchanDesign.IsInstalled)
                designs.Insert(1, () => new NchanDesign());
            else
                await Console.Error.WriteLineAsync("nchan is left out: nginx with its module is not installed (on Debian: apt-get install nginx libnginx-mod-nchan).");
        }
        if (Arguments.Text(args, "--only") is { } only)
            designs = [.. designs.Where(create => { using var d = create(); return only.Split(',').Contains(d.Name); })];
        var rounds = Arguments.Number(args, "--rounds", 1);
        var works = new List<Measurement>();
        var footprints = new List<Footprint>();
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var create in designs)
            {
                var (measured, footprint) = await new FanoutRun(options, text => Console.Error.WriteLine($"[{round}/{rounds}] {text}")).RunAsync(create);
                works.AddRange(measured);
                footprints.Add(footprint);
            }
        }
        Print(works, footprints);
        if (Arguments.Text(args, "--json") is { } file)
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { options, works, footprints }, Indented));
        return works.All(work => work.Missing == 0) ? 0 : 1;
    }

    private static void Print(List<Measurement> works, List<Footprint> footprints)
    {
        Console.WriteLine();
        Console.WriteLine("| work | design | CPU µs/delivery | deliveries/s | p50 ms | p95 | p99 | p99.9 | missing |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var work in works.OrderBy(w => w.Work, StringComparer.Ordinal))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {work.Work} | {work.Design} | {work.ProcessorMicroseconds:0.0} | {work.DeliveriesPerSecond:0} | {work.P50:0.00} | {work.P95:0.00} | {work.P99:0.00} | {work.P999:0.00} | {work.Missing} |"));
        }
        Console.WriteLine();
        Console.WriteLine("| design | streams | open s | KiB/stream idle | KiB/stream after broadcasts |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var f in footprints)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {f.Design} | {f.Streams} | {f.OpenSeconds:0.00} | {f.IdleKiB:0.0} | {f.UsedKiB:0.0} |"));
    }
}
