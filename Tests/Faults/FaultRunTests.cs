using Benchmarks.Faults;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>Readers that resume on any of three replicas, while replicas and Redis fail in every way.</summary>
[Collection(FaultsCollection.Name)]
public sealed class FaultRunTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_reader_is_whole_when_replicas_and_redis_fail_and_redis_keeps_its_data()
    {
        var outcome = await RunAsync(FaultRun.Harmless);
        Assert.Equal(
            outcome with
            {
                Whole = outcome.Readers,
                Duplicated = 0,
                Reordered = 0,
                LostUntold = 0,
                LostTold = 0,
                Gaps = 0,
                Behind = 0,
            },
            outcome
        );
        Assert.True(outcome.Retries > 0, "A Redis that was away must have been noticed by a producer.");
    }

    [Fact]
    public async Task Nothing_is_doubled_and_every_loss_is_told_when_redis_comes_back_empty()
    {
        var outcome = await RunAsync(FaultRun.Losing);
        Assert.Equal(outcome with { Duplicated = 0, Reordered = 0, LostUntold = 0, Behind = 0 }, outcome);
        Assert.True(outcome.Gaps >= outcome.Readers, "A log that was wiped must have been told to every reader.");
    }

    private async Task<FaultOutcome> RunAsync(IReadOnlyList<Fault> faults)
    {
        if (OperatingSystem.IsWindows() || Requirement.FindProgram("redis-server") is null)
            throw Requirement.Missing(
                "The fault run needs redis-server on the PATH and POSIX signals; on Debian: apt-get install redis-server"
            );
        var options = new FaultOptions
        {
            Calm = TimeSpan.FromMilliseconds(300),
            ReplicaSettings = new Dictionary<string, string>
            {
                ["EventStreams__MinRetry"] = "00:00:00.050",
                ["EventStreams__MaxRetry"] = "00:00:00.400",
                ["EventStreams__DrainTime"] = "00:00:01",
            },
        };
        var outcome = await new FaultRun(options, output.WriteLine).RunAsync(faults);
        output.WriteLine(outcome.ToString());
        foreach (var (fault, stall) in outcome.Stalls)
            output.WriteLine($"{fault}: worst stall {stall.TotalSeconds:0.00} s");
        return outcome;
    }
}
