using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EventStreams.Client;

namespace Benchmarks.Subtitles;

/// <summary>Follows a job to its end and notes what came.</summary>
/// <param name="Cues">Final cues that came.</param>
/// <param name="Duplicated">Final cues that came before.</param>
/// <param name="OutOfOrder">Final cues that did not follow the one before.</param>
/// <param name="Last">The type of the event that ended the job.</param>
/// <param name="FirstCue">When the first final cue came, from the beginning.</param>
/// <param name="End">When the end came.</param>
/// <param name="EndMs">Where the last cue ends in the media.</param>
internal sealed record Viewer(int Cues, int Duplicated, int OutOfOrder, string Last, TimeSpan FirstCue, TimeSpan End, long EndMs)
{
    /// <summary>Whether this is a completed job with each of its cues once and in order.</summary>
    public bool IsWhole(int cues) => this is { Duplicated: 0, OutOfOrder: 0, Last: "job.completed" } && Cues == cues;

    /// <summary>Follows.</summary>
    /// <param name="http">A client of the Api.</param>
    /// <param name="job">The job's id.</param>
    /// <param name="began">The timestamp from which times are counted.</param>
    public static async Task<Viewer> FollowAsync(HttpClient http, string job, long began)
    {
        var seen = new HashSet<int>();
        var viewer = new Viewer(0, 0, 0, "", TimeSpan.Zero, TimeSpan.Zero, 0);
        await foreach (var message in new EventStreamClient(http).FollowAsync(new Uri($"/jobs/{job}/events", UriKind.Relative)))
        {
            if (message.Type.StartsWith("job.", StringComparison.Ordinal))
                viewer = viewer with { Last = message.Type, End = Stopwatch.GetElapsedTime(began) };
            if (message.Type != "cue")
                continue;
            var cue = JsonDocument.Parse(message.Data).RootElement;
            if (cue.GetProperty("state").GetString() != "final")
                continue;
            var number = int.Parse(cue.GetProperty("cueId").GetString().AsSpan(1), CultureInfo.InvariantCulture);
            viewer = seen.Add(number)
                ? viewer with
                {
                    Cues = viewer.Cues + 1,
                    OutOfOrder = viewer.OutOfOrder + (number == seen.Count ? 0 : 1),
                    FirstCue = viewer.Cues == 0 ? Stopwatch.GetElapsedTime(began) : viewer.FirstCue,
                    EndMs = cue.GetProperty("endMs").GetInt64(),
                }
                : viewer with
                {
                    Duplicated = viewer.Duplicated + 1,
                };
        }
        return viewer;
    }
}
