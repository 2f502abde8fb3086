using System.Text.Json.Serialization;

namespace Web.Jobs;

/// <summary>What the pages show of a job, as the Api tells it; unknown members are ignored.</summary>
public sealed record JobSummary
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

    public bool IsCancelRequested { get; init; }
    public string? Title { get; init; }
    public string? Source { get; init; }
    public string? Language { get; init; }
    public string? Engine { get; init; }
    public string? Stage { get; init; }
    public string? Error { get; init; }
    public double Percent { get; init; }
    public int Attempts { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>What to call it.</summary>
    [JsonIgnore]
    public string Name => Title ?? Source ?? Id;
}
