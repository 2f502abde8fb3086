namespace Subtitles.Jobs;

/// <summary>The event types of a job's topic. Payloads are JSON objects; the records beside them are their shapes.</summary>
public static class JobEvents
{
    /// <summary><see cref="JobQueued"/></summary>
    public const string Queued = "job.queued";

    /// <summary><see cref="JobStarted"/></summary>
    public const string Started = "job.started";

    /// <summary><see cref="JobLanguage"/></summary>
    public const string Language = "job.language";

    /// <summary><see cref="JobProgress"/></summary>
    public const string Progress = "job.progress";

    /// <summary><see cref="Cues.Cue"/></summary>
    public const string Cue = "cue";

    /// <summary><see cref="CueWithdrawn"/></summary>
    public const string CueWithdrawn = "cue.withdrawn";

    /// <summary><see cref="JobRetrying"/></summary>
    public const string Retrying = "job.retrying";

    /// <summary><see cref="JobCompleted"/></summary>
    public const string Completed = "job.completed";

    /// <summary><see cref="JobFailed"/></summary>
    public const string Failed = "job.failed";

    /// <summary><see cref="JobCanceled"/></summary>
    public const string Canceled = "job.canceled";

    /// <summary><see cref="JobDeleted"/></summary>
    public const string Deleted = "job.deleted";
}

/// <summary>The job waits for a worker.</summary>
public sealed record JobQueued(JobId JobId, string Title, string Source, string Language);

/// <summary>
/// A worker began an attempt. <paramref name="Engine"/> made or will make the cues; nothing pretends. <paramref name="Language"/> is the
/// spoken one, <c>auto</c> where it is still to be detected (<see cref="JobLanguage"/> tells it then). <paramref name="Translate"/> says
/// that the cues are in English all the same.
/// </summary>
public sealed record JobStarted(JobId JobId, int Attempt, string Engine, string Worker, string Language, bool Translate);

/// <summary>The spoken language was detected. It is in the topic's state, under the key <see cref="Key"/>.</summary>
public sealed record JobLanguage(JobId JobId, string Language)
{
    /// <summary>The key in the topic's state; no cue has it.</summary>
    public const string Key = "language";
}

/// <summary>How far the work is: <paramref name="Percent"/> of <paramref name="Stage"/> <c>fetch</c>, <c>decode</c> or
/// <c>transcribe</c>.</summary>
public sealed record JobProgress(JobId JobId, string Stage, double Percent);

/// <summary>A partial cue that no final one will follow: whoever shows it takes it away. Comes before the job's end.</summary>
public sealed record CueWithdrawn(string CueId, int Rev);

/// <summary>An attempt ended badly; another follows after <paramref name="DelayMs"/> milliseconds.</summary>
public sealed record JobRetrying(JobId JobId, int Attempt, string Reason, long DelayMs);

/// <summary>All cues are there.</summary>
public sealed record JobCompleted(JobId JobId, string Engine, int Cues);

/// <summary>The job is given up.</summary>
public sealed record JobFailed(JobId JobId, string Reason);

/// <summary>A client canceled the job.</summary>
public sealed record JobCanceled(JobId JobId);

/// <summary>The job and all that was made of it are gone. Comes before the end of its topic.</summary>
public sealed record JobDeleted(JobId JobId);
