using System.Security.Claims;
using System.Text.Json.Serialization;
using Api.Access;
using Subtitles.Cues;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>The answer to a command.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Links">Where its resources are.</param>
/// <param name="Ingest">Where the media of a live job is sent; only in the answer to its submission.</param>
/// <param name="Warnings">What of the submission was passed over: cues of a side file that cannot be read, by their lines. Left out where
/// there is nothing to tell.</param>
internal sealed record JobAccepted(
    JobId Id,
    JobStatus Status,
    JobLinks Links,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Warnings = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IngestAddress? Ingest = null
)
{
    public static JobAccepted Of(Job job) => new(job.Id, job.Status, JobLinks.Of(job.Id));
}

/// <summary>A job and where it stands.</summary>
/// <param name="Id">The job's id: whoever knows it can follow the job.</param>
/// <param name="IsOwn">Whether it is the caller's: they can cancel, retry, correct and delete it.</param>
/// <param name="Status"><c>queued</c>, <c>running</c>, <c>retrying</c>, <c>completed</c>, <c>failed</c> or <c>canceled</c>.</param>
/// <param name="IsCancelRequested">Whether the work is about to be stopped.</param>
/// <param name="Stage">What the worker does: <c>queued</c>, <c>fetch</c>, <c>decode</c>, <c>transcribe</c>, <c>done</c>.</param>
/// <param name="Percent">Of the stage, 0 to 100.</param>
/// <param name="Attempts">Attempts begun.</param>
/// <param name="Engine">The engine that makes the cues, once it is chosen.</param>
/// <param name="Error">Why the job, or its last attempt, failed.</param>
/// <param name="Title">A name for people.</param>
/// <param name="Source">Where the media came from; an address without its query.</param>
/// <param name="Language">The spoken language; <c>auto</c> until it is detected.</param>
/// <param name="Translate">Whether the cues are in English, whatever is spoken.</param>
/// <param name="Pace"><c>fast</c> or <c>realtime</c>.</param>
/// <param name="Webhook">What became of the webhook: <c>pending</c>, <c>delivered</c> or <c>failed</c>; null before the job's end, and
/// where there is none.</param>
/// <param name="CreatedAt">When it was submitted.</param>
/// <param name="StartedAt">When its first attempt began.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Links">Where its resources are.</param>
internal sealed record JobResponse(
    JobId Id,
    bool IsOwn,
    JobStatus Status,
    bool IsCancelRequested,
    string Stage,
    double Percent,
    int Attempts,
    string? Engine,
    string? Error,
    string Title,
    string Source,
    string Language,
    bool Translate,
    JobPace Pace,
    WebhookStatus? Webhook,
    DateTimeOffset CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    JobLinks Links
)
{
    public static JobResponse Of(Job job, ClaimsPrincipal caller) =>
        new(
            job.Id,
            Caller.Owns(caller, job),
            job.Status,
            job.IsCancelRequested,
            job.Stage,
            job.Percent,
            job.Attempts,
            job.Engine,
            job.Error,
            job.Request.Title,
            job.Request.PublicSource,
            job.Language,
            job.Request.Translate,
            job.Request.Pace,
            job.WebhookStatus,
            job.CreatedAt,
            job.StartedAt,
            job.FinishedAt,
            JobLinks.Of(job.Id)
        );
}

/// <summary>Jobs, newest first.</summary>
/// <param name="Jobs">The jobs of this page.</param>
/// <param name="Next">The path of the next page; null on the last one.</param>
internal sealed record JobList(IReadOnlyList<JobResponse> Jobs, string? Next);

/// <summary>The cues so far, and the cursor that they fit: a stream that goes on after it repeats nothing and misses nothing.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Cursor">The id of the newest event that is in the cues, to be sent as <c>lastEventId</c>.</param>
/// <param name="Language">The language of the cues; null while it is not known.</param>
/// <param name="Cues">The newest revision of each cue, in the order of their start.</param>
internal sealed record SubtitleSnapshot(JobId JobId, JobStatus Status, string? Cursor, string? Language, IReadOnlyList<Cue> Cues)
{
    /// <summary>Those that will not change: what a file has.</summary>
    [JsonIgnore]
    public IEnumerable<Cue> FinalCues => Cues.Where(cue => cue.State == CueState.Final);
}
