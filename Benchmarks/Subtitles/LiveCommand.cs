using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Benchmarks.Fanout;
using EventStreams.Client;

namespace Benchmarks.Subtitles;

/// <summary>How soon after it is said a viewer reads a sentence of the sample, sent live to the engine pocketsphinx.</summary>
internal static partial class LiveCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = Arguments.Number(args, "--rounds", 1);
        foreach (int? core in (int?[])[null, 0])
        {
            using var app = await SubtitleApp.StartAsync(new Dictionary<string, string> { ["Transcription__Engine"] = "pocketsphinx" });
            await app.AddWorkerAsync(core);
            var (partials, finals) = (new List<double>(), new List<double>());
            for (var i = 0; i < rounds; i++)
                await MeasureAsync(app.Http, partials, finals);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| live, worker on {(core is null ? "both cores" : "one core")} | partial after the first word began: "
                        + $"{Describe(partials)} "
                        + $"| final after the last word ended: {Describe(finals)} | {finals.Count} sentences |"
                )
            );
        }
        return 0;
    }

    /// <summary>Adds for each sentence how many seconds after its beginning the first of it came, and how many after its end the
    /// last.</summary>
    private static async Task MeasureAsync(HttpClient http, List<double> partials, List<double> finals)
    {
        var samples = Path.Combine(Path.GetDirectoryName(ServiceFile.Of("Worker"))!, "Samples");
        var sentences = ReadSentences(await File.ReadAllTextAsync(Path.Combine(samples, "tour.vtt")));
        var (job, media, token) = await LiveSender.SubmitAsync(http);
        var began = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var sending = LiveSender.SendAsync(http, Path.Combine(samples, "tour.webm"), media, token, began);
        var (first, last) = (new double?[sentences.Count], new double?[sentences.Count]);
        await foreach (var message in new EventStreamClient(http).FollowAsync(new Uri($"/jobs/{job}/events", UriKind.Relative)))
        {
            var now = began.Task.IsCompletedSuccessfully ? Stopwatch.GetElapsedTime(await began.Task).TotalMilliseconds : 0;
            if (message.Type == "job.failed")
                throw new InvalidOperationException(message.Data);
            if (message.Type != "cue")
                continue;
            var cue = JsonDocument.Parse(message.Data).RootElement;
            var (startMs, endMs) = (cue.GetProperty("startMs").GetInt64(), cue.GetProperty("endMs").GetInt64());
            for (var i = 0; i < sentences.Count; i++)
            {
                if (Math.Min(endMs, sentences[i].EndMs) - Math.Max(startMs, sentences[i].StartMs) < 100)
                    continue;
                first[i] ??= (now - sentences[i].StartMs) / 1000;
                if (cue.GetProperty("state").GetString() == "final")
                    last[i] = (now - sentences[i].EndMs) / 1000;
            }
        }
        await sending;
        partials.AddRange(first.Select(t => t ?? throw new InvalidOperationException("A sentence was not heard at all.")));
        finals.AddRange(last.Select(t => t ?? throw new InvalidOperationException("A sentence never became final.")));
    }

    private static List<(long StartMs, long EndMs)> ReadSentences(string vtt) =>
        [.. Times().Matches(vtt).Select(m => (Milliseconds(m.Groups[1].Value), Milliseconds(m.Groups[2].Value)))];

    private static long Milliseconds(string time) => (long)TimeSpan.Parse(time, CultureInfo.InvariantCulture).TotalMilliseconds;

    private static string Describe(List<double> seconds)
    {
        seconds.Sort();
        return string.Create(CultureInfo.InvariantCulture, $"median {seconds[seconds.Count / 2]:0.00} s, most {seconds[^1]:0.00} s");
    }

    [GeneratedRegex(@"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})")]
    private static partial Regex Times();
}
