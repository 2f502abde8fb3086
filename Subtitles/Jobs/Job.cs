using System.Text.Json.Serialization;

namespace Subtitles.Jobs;

/// <summary>Where a job stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobStatus>))]
public enum JobStatus
{
    /// <summary>Waits for a worker.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>A worker holds its lease.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>An attempt ended badly; waits for the next one.</summary>
    [JsonStringEnumMemberName("retrying")]
    Retrying,

    /// <summary>Done: all cues are there.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Given up, with a reason; can be retried by hand.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Canceled by a client.</summary>
    [JsonStringEnumMemberName("canceled")]
    Canceled,
}

/// <summary>How fast the cues of a job are published.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobPace>))]
public enum JobPace
{
    /// <summary>As fast as the engine makes them.</summary>
    [JsonStringEnumMemberName("fast")]
    Fast,

    /// <summary>Each no earlier than its place in the media, counted from the start of the work: as for a live source.</summary>
    [JsonStringEnumMemberName("realtime")]
    Realtime,
}

/// <summary>What a job is to do.</summary>
/// <param name="Source"><c>sample:NAME</c>, an http(s) address, <c>upload:NAME</c> for media that the media store holds, or <c>live</c> for
/// media that is sent in chunks while it is made.</param>
/// <param name="Language">BCP 47 tag of the spoken language, for example <c>en</c>; <c>auto</c> where it is to be detected.</param>
/// <param name="Pace">How fast cues are published.</param>
/// <param name="SideFile">A subtitle side file in the media store (<c>upload:NAME</c>), or null.</param>
/// <param name="Title">A name for people: the sample's, the file's or the address's.</param>
/// <param name="Webhook">Who is told of the job's end, or null.</param>
/// <param name="ContentHash">The SHA-256 of what was uploaded; null where nothing was.</param>
public sealed record JobRequest(
    string Source,
    string Language,
    JobPace Pace,
    string? SideFile,
    string Title,
    JobWebhook? Webhook = null,
    string? ContentHash = null
)
{
    /// <summary>Who submitted it: the subject of their credentials.</summary>
    public string Owner { get; init; } = "";

    /// <summary>What the media store holds of it from its submission on, bytes.</summary>
    public long StoredBytes { get; init; }

    /// <summary>The source of media that is sent while it is made.</summary>
    public const string LiveSource = "live";

    /// <summary>The hash of the token that whoever sends live media shows (<see cref="IngestToken"/>); null where nothing is
    /// sent.</summary>
    public string? IngestTokenHash { get; init; }

    /// <summary>Whether cues are to say when each word was said, where the engine knows.</summary>
    public bool HasWords { get; init; }

    /// <summary>Whether nobody named a language: the engine detects it where it can, and takes its own where it cannot. <see
    /// cref="Language"/> is <c>auto</c> then.</summary>
    public bool IsLanguageOpen { get; init; }

    /// <summary>Whether the cues are to be in English, whatever is spoken.</summary>
    public bool Translate { get; init; }

    /// <summary>Whether the media is sent while it is made.</summary>
    [JsonIgnore]
    public bool IsLive => Source == LiveSource;

    /// <summary>Whether both ask for the same: uploads by what was uploaded, not by the name that the store gave it.</summary>
    public bool IsSameAs(JobRequest other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (ContentHash is null ? this : this with { Source = other.Source, SideFile = other.SideFile }) == other;
    }

    /// <summary>The source as it is shown: an address without its query, which may hold a signature.</summary>
    [JsonIgnore]
    public string PublicSource =>
        Source.StartsWith("http", StringComparison.Ordinal) && Uri.TryCreate(Source, UriKind.Absolute, out var address)
            ? address.GetLeftPart(UriPartial.Path)
            : Source;
}

/// <summary>An address that is told of a job's end.</summary>
/// <param name="Url">An http(s) address.</param>
/// <param name="Secret">The key of the signatures; shown to nobody.</param>
public sealed record JobWebhook(string Url, string Secret)
{
    /// <inheritdoc/>
    public override string ToString() => Url;
}

/// <summary>What became of the webhook of a job that has ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WebhookStatus>))]
public enum WebhookStatus
{
    /// <summary>It is still to be delivered.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>The receiver took it.</summary>
    [JsonStringEnumMemberName("delivered")]
    Delivered,

    /// <summary>It was given up.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>A job and where it stands.</summary>
public sealed record Job
{
    /// <summary>The job's id.</summary>
    public required JobId Id { get; init; }

    /// <summary>What it is to do.</summary>
    public required JobRequest Request { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>What the worker is doing: <c>queued</c>, <c>fetch</c>, <c>decode</c>, <c>transcribe</c>, <c>done</c>.</summary>
    public string Stage { get; init; } = "queued";

    /// <summary>0 to 100.</summary>
    public double Percent { get; init; }

    /// <summary>Attempts begun since it was submitted or last retried by hand.</summary>
    public int Attempts { get; init; }

    /// <summary>How often it was retried by hand.</summary>
    public int Retries { get; init; }

    /// <summary>Whether a client has asked to cancel it and the work has not stopped yet.</summary>
    public bool IsCancelRequested { get; init; }

    /// <summary>Whether it is being deleted: for everybody but those who finish that, it is gone.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>The engine that makes the cues, once it is chosen.</summary>
    public string? Engine { get; init; }

    /// <summary>The spoken language as the engine found it; null where it did not, or was told.</summary>
    public string? DetectedLanguage { get; init; }

    /// <summary>The spoken language as far as it is known: <c>auto</c> while it is not.</summary>
    public string Language => DetectedLanguage ?? Request.Language;

    /// <summary>The language of the cues; null where it is not known.</summary>
    public string? CueLanguage =>
        Request.Translate ? "en"
        : LanguageTag.IsAutomatic(Language) ? null
        : Language;

    /// <summary>Why the job failed, or why its last attempt did.</summary>
    public string? Error { get; init; }

    /// <summary>What became of its webhook; null while the job runs, and where there is none.</summary>
    public WebhookStatus? WebhookStatus { get; init; }

    /// <summary>The trace that the job belongs to, as a W3C traceparent; null where its submission was not traced.</summary>
    public string? TraceParent { get; init; }

    /// <summary>When it was submitted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its first attempt began since it was submitted or last retried by hand.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its very first attempt began.</summary>
    public DateTimeOffset? FirstStartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}
