using Benchmarks.Faults;
using HistoryChecker;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>Readers that resume on any of three replicas, while replicas and Redis fail in every way; the history of each run is judged as
/// well.</summary>
[Collection(FaultsCollection.Name)]
public sealed class FaultRunTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_reader_is_whole_when_replicas_and_redis_fail_and_redis_keeps_its_data()
    {
        var outcome = await RunAsync(FaultCatalog.ShortOf(mayLose: false));
        Assert.Equal(outcome.Readers, outcome.Whole);
        Assert.True(outcome.All.Retries > 0, "A Redis that was away must have been noticed by a producer.");
    }

    [Fact]
    public async Task Nothing_is_duplicated_and_every_loss_is_told_when_the_log_is_lost_or_trimmed()
    {
        var outcome = await RunAsync(FaultCatalog.ShortOf(mayLose: true));
        Assert.True(outcome.All.Gaps >= outcome.Readers, "A log that was wiped must have been told to every reader.");
    }

    [Fact]
    public Task Every_loss_of_a_failover_is_told() => RunAsync([.. FaultCatalog.All.Where(fault => fault.Setup == FaultSetup.Pair)]);

    private async Task<FaultOutcome> RunAsync(IReadOnlyList<Fault> faults)
    {
        if (!OperatingSystem.IsLinux() || Requirement.FindProgram("redis-server") is null || Requirement.FindProgram("prlimit") is null)
            throw Requirement.Missing(
                "The fault run needs Linux with redis-server and prlimit on the PATH; on Debian: apt-get install redis-server"
            );
        using var folder = new TemporaryFolder();
        var options = new FaultOptions
        {
            Calm = TimeSpan.FromMilliseconds(300),
            HistoryFile = folder["history.jsonl"],
            ReplicaSettings = new Dictionary<string, string>
            {
                ["EventStreams__MinRetry"] = "00:00:00.050",
                ["EventStreams__MaxRetry"] = "00:00:00.400",
                ["EventStreams__DrainTime"] = "00:00:01",
                ["EventStreams__SlowClientTimeout"] = "00:00:01",
            },
        };
        var outcome = await new FaultRun(options, output.WriteLine).RunAsync(faults);
        foreach (var (fault, figures) in outcome.Faults)
            Assert.True(FaultsCommand.IsAsPromised(fault, figures), $"{fault.Name}: {figures}");
        var verdict = HistoryCheck.Of(HistoryFile.Read(options.HistoryFile));
        Assert.True(verdict.IsGood, verdict.Report());
        return outcome;
    }
}
