using System.Diagnostics;

namespace Benchmarks.Subtitles;

/// <summary>Jobs at the pace of their media, while workers are killed at random and replaced; a viewer of each job notes what it
/// sees.</summary>
internal static class KillRun
{
    public const int Workers = 3;

    public static async Task<KillOutcome> RunAsync(int jobs, int cues, TimeSpan duration, TimeSpan interval, TimeSpan lease)
    {
        // Killed workers use up attempts, and these jobs are to meet many.
        using var app = await SubtitleApp.StartAsync(
            new Dictionary<string, string>
            {
                ["Jobs__LeaseDuration"] = lease.ToString("c"),
                ["Jobs__MaxAttempts"] = "100",
                ["Worker__Concurrency"] = "3",
            }
        );
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => app.AddWorkerAsync()));
        var began = Stopwatch.GetTimestamp();
        var sideFile = SideFiles.Make(cues, duration);
        var viewers = new List<Task<Viewer>>();
        for (var i = 0; i < jobs; i++)
            viewers.Add(Viewer.FollowAsync(app.Http, await app.SubmitAsync(sideFile, "realtime"), began));

        var random = new Random(5);
        var all = Task.WhenAll(viewers);
        var kills = 0;
        // Not waited for, as kills come at their time however long a worker takes to start.
        var replacements = new List<Task>();
        using var timer = new PeriodicTimer(interval);
        while (!all.IsCompleted && await timer.WaitForNextTickAsync() && !all.IsCompleted)
        {
            if (!app.TryKillWorker(random))
                continue;
            kills++;
            replacements.Add(app.AddWorkerAsync());
        }
        var seen = await all;
        await Task.WhenAll(replacements);
        return new KillOutcome(
            jobs,
            seen.Count(v => v.IsWhole(cues)),
            kills,
            seen.Sum(v => v.Duplicated),
            seen.Sum(v => cues - v.Cues),
            Stopwatch.GetElapsedTime(began)
        );
    }
}

/// <summary>What a run with killed workers came to.</summary>
/// <param name="Jobs">Jobs.</param>
/// <param name="Whole">Jobs that were completed with each cue once and in order.</param>
/// <param name="Kills">Workers killed.</param>
/// <param name="Duplicated">Cues that a viewer saw twice.</param>
/// <param name="Lost">Cues that a viewer did not see.</param>
/// <param name="Time">How long it took.</param>
internal sealed record KillOutcome(int Jobs, int Whole, int Kills, int Duplicated, int Lost, TimeSpan Time);
