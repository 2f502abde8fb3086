using Benchmarks;
using Benchmarks.Crowd;
using Benchmarks.Downloads;
using Benchmarks.Fanout;
using Benchmarks.Faults;
using Benchmarks.Fuzz;
using Benchmarks.Growth;
using Benchmarks.History;
using Benchmarks.Idle;
using Benchmarks.Micro;
using Benchmarks.Multiplex;
using Benchmarks.Peers;
using Benchmarks.Publishing;
using Benchmarks.Revocation;
using Benchmarks.Soak;
using Benchmarks.Subtitles;
using HistoryChecker;

return args switch
{
    ["fanout", .. var rest] => await FanoutCommand.RunAsync(rest),
    ["growth", .. var rest] => await GrowthCommand.RunAsync(rest),
    ["history", .. var rest] => await HistoryCommand.RunAsync(rest),
    ["subscriptions", .. var rest] => await SubscriptionsCommand.RunAsync(rest),
    ["multiplex", .. var rest] => await MultiplexCommand.RunAsync(rest),
    ["micro", .. var rest] => MicroCommand.Run(rest),
    ["idle", .. var rest] => await IdleCommand.RunAsync(rest),
    ["crowd", .. var rest] => await CrowdCommand.RunAsync(rest),
    ["download", .. var rest] => await DownloadCommand.RunAsync(rest),
    ["publish", .. var rest] => await PublishCommand.RunAsync(rest),
    ["subtitles", .. var rest] => await SubtitlesCommand.RunAsync(rest),
    ["revocation", .. var rest] => await RevocationCommand.RunAsync(rest),
    ["live", .. var rest] => await LiveCommand.RunAsync(rest),
    ["faults", .. var rest] => await FaultsCommand.RunAsync(rest),
    ["failovers", .. var rest] => await FailoversCommand.RunAsync(rest),
    ["soak", .. var rest] => await SoakCommand.RunAsync(rest),
    ["fuzz", .. var rest] => FuzzCommand.Run(rest),
    ["repeats", .. var rest] => await RepeatsCommand.RunAsync(rest),
    ["check", .. var rest] => CheckCommand.Run(rest, Console.Out, Console.Error),
    ["replica", "naive", .. var rest] => await Replica(NaiveReplica.RunAsync(rest)),
    ["replica", "signalr", .. var rest] => await Replica(SignalRReplica.RunAsync(rest)),
    _ => Usage(),
};

static async Task<int> Replica(Task running)
{
    await running;
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine(
        """
        usage: dotnet run -c Release --project Benchmarks -- COMMAND [OPTIONS]

          fanout        [--peers] [--only NAME,…] [--work one|many] [--rounds N] [--streams N] [--replicas N] [--seconds N]
                        [--topics N] [--warm SECONDS] [--json FILE] [--chart FILE.svg]
          growth        [--rounds N] [--replicas N] [--seconds N] [--json FILE] [--chart FILE.svg]
          history       [--joiners N] [--json FILE]
          subscriptions [--topics N]
          publish       [--events N] [--work PART-OF-ITS-NAME]
          idle          [--streams N] [--settle SECONDS] [--seconds N]
          crowd         [--rounds N]
          download      [--rounds N] [--streams N]
          multiplex     [--topics N] [--streams N] [--rates N,…] [--seconds N] [--rounds N]
          micro         [--filter PATTERN]
          faults        [--only PART-OF-ITS-NAME] [--rounds N] [--readers N] [--topics N] [--history FOLDER] [--markdown FILE]
          repeats       [--events N] [--history FOLDER]
          check         FILE…
          soak          [--streams N] [--minutes N] [--replicas N] [--stay SECONDS] [--json FILE] [--chart FILE.svg]
          fuzz          [--seconds N] [--only TARGET] [--seed N]
          failovers     [--durability default|replicated] [--rounds N]
          revocation    [--streams N] [--rounds N]
          subtitles     [--viewers N] [--jobs N]
          live          [--rounds N]
        """
    );
    return 2;
}
