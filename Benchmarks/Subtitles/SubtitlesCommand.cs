using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Subtitles;

/// <summary>How fast the subtitle service is, and what becomes of jobs whose workers are killed.</summary>
internal static class SubtitlesCommand
{
    private const int HourCues = 1500;

    public static async Task<int> RunAsync(string[] args)
    {
        var viewers = Arguments.Number(args, "--viewers", 100);
        var (processed, delivered, whole) = await HourAsync(viewers);
        Print(
            $"an hour of media with a side file of {HourCues} cues",
            $"processed in {processed.TotalSeconds:0.00} s, at {viewers} viewers after {delivered.TotalSeconds:0.00} s, whole at {whole}"
        );
        var speech = await SpeechAsync();
        var realTime = speech.End.TotalMilliseconds / speech.EndMs;
        Print(
            "pocketsphinx on one core, the spoken sample",
            $"first cue after {speech.FirstCue.TotalSeconds:0.0} s, done at {realTime:0.00} of real time ({speech.End.TotalSeconds:0.0} s)"
        );
        var kills = await KillRun.RunAsync(
            Arguments.Number(args, "--jobs", 20),
            20,
            TimeSpan.FromSeconds(10),
            TimeSpan.FromSeconds(3),
            TimeSpan.FromSeconds(5)
        );
        Print(
            $"{kills.Jobs} jobs, a worker of {KillRun.Workers} killed every 3 s",
            $"{kills.Whole} whole, {kills.Kills} kills, {kills.Lost} lost, {kills.Duplicated} duplicated, {kills.Time.TotalSeconds:0} s"
        );
        return whole == viewers && speech.Last == "job.completed" && kills.Whole == kills.Jobs ? 0 : 1;
    }

    private static async Task<(TimeSpan Processed, TimeSpan Delivered, int Whole)> HourAsync(int viewers)
    {
        using var app = await SubtitleApp.StartAsync(new Dictionary<string, string>());
        await app.AddWorkerAsync();
        // The first job of a process pays for its start.
        await Viewer.FollowAsync(app.Http, await app.SubmitAsync(SideFiles.Make(10, TimeSpan.FromMinutes(1)), "fast"), 0);
        var sideFile = SideFiles.Make(HourCues, TimeSpan.FromHours(1));
        var began = Stopwatch.GetTimestamp();
        var job = await app.SubmitAsync(sideFile, "fast");
        var seen = await Task.WhenAll(Enumerable.Range(0, viewers).Select(_ => Viewer.FollowAsync(app.Http, job, began)));
        return (seen.Min(v => v.End), seen.Max(v => v.End), seen.Count(v => v.IsWhole(HourCues)));
    }

    private static async Task<Viewer> SpeechAsync()
    {
        using var app = await SubtitleApp.StartAsync(new Dictionary<string, string> { ["Transcription__Engine"] = "pocketsphinx" });
        await app.AddWorkerAsync(core: 0);
        var began = Stopwatch.GetTimestamp();
        return await Viewer.FollowAsync(app.Http, await app.SubmitAsync("sample:tour-speech"), began);
    }

    private static void Print(string what, FormattableString result) =>
        Console.WriteLine($"| {what} | {result.ToString(CultureInfo.InvariantCulture)} |");
}
