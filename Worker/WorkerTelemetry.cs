using System.Diagnostics;
using System.Diagnostics.Metrics;
using Subtitles.Jobs;

namespace Worker;

/// <summary>The worker's activities and measurements, under the name <c>Subtitles</c>.</summary>
internal sealed class WorkerTelemetry
{
    public const string SourceName = "Subtitles";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Counter<long> _jobs;
    private readonly Counter<long> _cues;
    private readonly Histogram<double> _realtimeFactor;
    private readonly Histogram<double> _timeToFirstCue;
    private readonly Counter<long> _webhooks;
    private volatile QueueLength? _queue;

    public WorkerTelemetry(IMeterFactory meters)
    {
        // The factory disposes of the meters that it made.
        var meter = meters.Create(SourceName);
        _jobs = meter.CreateCounter<long>("subtitles.jobs", "{job}", "Attempts at jobs, by how they ended.");
        _cues = meter.CreateCounter<long>("subtitles.cues", "{cue}", "Final cues published.");
        _realtimeFactor = meter.CreateHistogram<double>(
            "subtitles.realtime_factor",
            "1",
            "Time of work over time of media, of jobs that ran at full pace from their beginning: below 1 is faster than real time."
        );
        _timeToFirstCue = meter.CreateHistogram<double>(
            "subtitles.time_to_first_cue",
            "s",
            "From the submission of a job to its first final cue."
        );
        _webhooks = meter.CreateCounter<long>("subtitles.webhooks", "{try}", "Tries to deliver a webhook, by what became of them.");
        // Every worker sees the same queue: take the highest of them, not their sum.
        meter.CreateObservableGauge("subtitles.queue.length", ReadLengths, "{job}", "Jobs in the queue, by state.");
        meter.CreateObservableGauge(
            "subtitles.queue.age",
            ReadAge,
            "s",
            "Since when the job that comes next was submitted; 0 when none waits."
        );
    }

    /// <summary>How much waits, as it was seen last; null when it could not be seen.</summary>
    public QueueLength? Queue
    {
        get => _queue;
        set => _queue = value;
    }

    /// <summary>The work on a job, in the trace of its submission: that is what whoever looks for it has.</summary>
    public static Activity? StartJob(Job job) =>
        Start("job.run", ActivityKind.Consumer, job)?.SetTag("subtitles.job.attempt", job.Attempts);

    public static Activity? StartWebhook(Job job, int attempt) =>
        Start("job.webhook", ActivityKind.Producer, job)?.SetTag("subtitles.webhook.attempt", attempt);

    /// <summary>A step of the work.</summary>
    public static Activity? StartStep(string name) => Source.StartActivity(name);

    public void FirstCue(string engine, TimeSpan sinceSubmission) =>
        _timeToFirstCue.Record(sinceSubmission.TotalSeconds, new KeyValuePair<string, object?>("engine", engine));

    public void WebhookTried(WebhookStatus status) =>
        _webhooks.Add(1, new KeyValuePair<string, object?>("outcome", status.ToString().ToLowerInvariant()));

    public void JobEnded(string outcome, string? engine) => _jobs.Add(1, new("outcome", outcome), new("engine", engine ?? "none"));

    public void CuePublished(string engine) => _cues.Add(1, new KeyValuePair<string, object?>("engine", engine));

    public void Finished(string engine, TimeSpan work, TimeSpan media)
    {
        if (media > TimeSpan.Zero)
            _realtimeFactor.Record(work / media, new KeyValuePair<string, object?>("engine", engine));
    }

    private static Activity? Start(string name, ActivityKind kind, Job job)
    {
        var parent = ActivityContext.TryParse(job.TraceParent, null, isRemote: true, out var context) ? context : default;
        return Source.StartActivity(name, kind, parent)?.SetTag("subtitles.job.id", job.Id.Value);
    }

    private IEnumerable<Measurement<long>> ReadLengths() =>
        _queue is { } queue
            ?
            [
                new(queue.Ready, new KeyValuePair<string, object?>("state", "ready")),
                new(queue.Delayed, new KeyValuePair<string, object?>("state", "delayed")),
                new(queue.Running, new KeyValuePair<string, object?>("state", "running")),
            ]
            : [];

    private IEnumerable<Measurement<double>> ReadAge() => _queue is { } queue ? [new(queue.OldestAge.TotalSeconds)] : [];
}
