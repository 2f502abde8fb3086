using Benchmarks.Subtitles;
using Tests.Fixtures;

namespace Tests.Faults;

/// <summary>Workers killed at random while jobs run.</summary>
[Collection(FaultsCollection.Name)]
public sealed class KilledWorkersTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_job_is_completed_with_each_cue_once_although_workers_are_killed()
    {
        if (OperatingSystem.IsWindows() || Requirement.FindProgram("redis-server") is null)
            throw Requirement.Missing(
                "Killing workers needs redis-server on the PATH and POSIX signals; on Debian: apt-get install redis-server"
            );
        var outcome = await KillRun.RunAsync(
            jobs: 12,
            cues: 20,
            TimeSpan.FromSeconds(4),
            interval: TimeSpan.FromSeconds(1.5),
            lease: TimeSpan.FromSeconds(2)
        );
        output.WriteLine(outcome.ToString());
        Assert.Equal(outcome with { Whole = outcome.Jobs, Duplicated = 0, Lost = 0 }, outcome);
        Assert.True(outcome.Kills >= 3, "Workers must have been killed while they worked.");
    }
}
