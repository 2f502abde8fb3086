using HistoryChecker;

namespace Benchmarks.Faults;

/// <summary>Runs the faults and prints what the readers saw, as the table of docs/faults.md.</summary>
internal static class FaultsCommand
{
    // Soon enough that a run is not mostly waiting; the worst stalls are those of clients that come back so soon.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["EventStreams__DrainTime"] = "00:00:02",
        ["EventStreams__SlowClientTimeout"] = "00:00:02",
    };

    public static async Task<int> RunAsync(string[] args)
    {
        var only = Arguments.Text(args, "--only");
        var chosen = FaultCatalog
            .All.Where(fault => only is null || $"{fault.Setup}, {fault.Name}".Contains(only, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (chosen.Count == 0)
            throw new ArgumentException($"No fault has '{only}' in its name.");
        var folder = Arguments.Text(args, "--history") ?? Directory.CreateTempSubdirectory("fault-history-").FullName;
        Directory.CreateDirectory(folder);
        var (missing, outcomes, verdicts) = (new List<string>(), new List<FaultOutcome>(), new List<Verdict>());
        var options = new FaultOptions
        {
            Readers = Arguments.Number(args, "--readers", 100),
            Rounds = Arguments.Number(args, "--rounds", 1),
            Topics = Arguments.Number(args, "--topics", 5),
            ReplicaSettings = Settings,
        };
        foreach (var setup in chosen.GroupBy(fault => fault.Setup))
        {
            var garnet = setup.Key == FaultSetup.Garnet ? FindGarnet() : null;
            if (setup.Key == FaultSetup.Garnet && garnet is null || setup.Key == FaultSetup.Nginx && !File.Exists(FaultNginx.Program))
            {
                missing.AddRange(setup.Select(fault => $"{fault.Setup}, {fault.Name}: the program is not installed."));
                continue;
            }
            var file = Path.Combine(folder, $"{setup.Key}.jsonl");
            outcomes.Add(await new FaultRun(options with { HistoryFile = file }, Progress.Say, garnet).RunAsync([.. setup]));
            var verdict = HistoryCheck.Of(HistoryFile.Read(file));
            Progress.Say($"{file}: {verdict.Report()}");
            verdicts.Add(verdict);
        }
        var report = FaultReport.Of(options, outcomes, verdicts, missing);
        Console.WriteLine(report);
        if (Arguments.Text(args, "--markdown") is { } markdown)
            await File.WriteAllTextAsync(markdown, report);
        if (Arguments.Text(args, "--history") is null)
            Directory.Delete(folder, recursive: true);
        return
            outcomes.TrueForAll(outcome => outcome.Faults.All(fault => IsAsPromised(fault.Fault, fault.Figures)))
            && verdicts.TrueForAll(verdict => verdict.IsGood)
            ? 0
            : 1;
    }

    /// <summary>Whether a fault did no more than it may.</summary>
    public static bool IsAsPromised(Fault fault, FaultFigures figures) =>
        figures.IsGood && (fault.MayLose || figures is { LostTold: 0, Gaps: 0 });

    // Where dotnet tool restore puts it.
    private static string? FindGarnet()
    {
        var packages =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var tool = new DirectoryInfo(Path.Combine(packages, "garnet-server"));
        return !tool.Exists
            ? null
            : tool.EnumerateFiles("GarnetServer.dll", SearchOption.AllDirectories)
                .Select(file => file.FullName)
                .Order(StringComparer.Ordinal)
                .LastOrDefault();
    }
}
