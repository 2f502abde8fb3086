using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Worker;

/// <summary>The worker's activities and measurements, under the name <c>Subtitles</c>.</summary>
internal sealed class WorkerTelemetry
{
    public const string SourceName = "Subtitles";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Counter<long> _jobs;
    private readonly Counter<long> _cues;
    private readonly Histogram<double> _realtimeFactor;

    public WorkerTelemetry(IMeterFactory meters)
    {
        // The factory disposes of the meters that it made.
        var meter = meters.Create(SourceName);
        _jobs = meter.CreateCounter<long>("subtitles.jobs", "{job}", "Attempts at jobs, by how they ended.");
        _cues = meter.CreateCounter<long>("subtitles.cues", "{cue}", "Final cues published.");
        _realtimeFactor = meter.CreateHistogram<double>("subtitles.realtime_factor", "1", "Time of work over time of media, of jobs that ran at full pace from their beginning: below 1 is faster than real time.");
    }

    public static Activity? StartJob(string jobId, int attempt) =>
        Source.StartActivity("job.run", ActivityKind.Consumer)?.SetTag("subtitles.job.id", jobId).SetTag("subtitles.job.attempt", attempt);

    public void JobEnded(string outcome, string? engine) => _jobs.Add(1, new("outcome", outcome), new("engine", engine ?? "none"));

    public void CuePublished(string engine) => _cues.Add(1, new KeyValuePair<string, object?>("engine", engine));

    public void Finished(string engine, TimeSpan work, TimeSpan media)
    {
        if (media > TimeSpan.Zero)
            _realtimeFactor.Record(work / media, new KeyValuePair<string, object?>("engine", engine));
    }
}
