using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Web.Jobs;

/// <summary>What the pages show of a job, as the Api tells it; unknown members are ignored.</summary>
public sealed partial record JobSummary
{
    [JsonRequired]
    public string Id { get; init; } = "";

    [JsonRequired]
    public string Status { get; init; } = "";

    /// <summary>Whether the job has ended: nothing more happens to it unless somebody retries it.</summary>
    [JsonIgnore]
    public bool IsOver => Status is "completed" or "failed" or "canceled";

    [JsonIgnore]
    public bool CanRetry => Status is "failed" or "canceled";

    /// <summary>Whether it is the visitor's: they can cancel, retry, correct and delete it.</summary>
    public bool IsOwn { get; init; }

    public bool IsCancelRequested { get; init; }
    public string? Title { get; init; }
    public string? Source { get; init; }
    public string? Language { get; init; }
    public string? Engine { get; init; }
    public string? Stage { get; init; }
    public string? Error { get; init; }

    /// <summary>The first sentence of <see cref="Error"/>, which is for everybody; null where there is none.</summary>
    [JsonIgnore]
    public string? Reason => Error is null ? null : FirstSentence.Match(Error).Groups["first"].Value;

    /// <summary>The rest of <see cref="Error"/>, which is for whoever runs the service; empty where there is none.</summary>
    [JsonIgnore]
    public string Details => Error is null ? "" : FirstSentence.Match(Error).Groups["rest"].Value;

    public double Percent { get; init; }
    public int Attempts { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What to call it.</summary>
    [JsonIgnore]
    public string Name => Title ?? Source ?? Id;

    // job-view.js does the same with what comes later.
    [GeneratedRegex(@"^(?<first>.*?)(?:(?<=[.!?])\s+(?<rest>.+))?$", RegexOptions.Singleline)]
    private static partial Regex FirstSentence { get; }
}
