using Subtitles.Jobs;

namespace Subtitles.Webhooks;

/// <summary>The body of a webhook.</summary>
/// <param name="Type"><c>job.completed</c>, <c>job.failed</c> or <c>job.canceled</c>.</param>
/// <param name="Timestamp">When the job ended.</param>
/// <param name="Data">The job.</param>
public sealed record WebhookMessage(string Type, DateTimeOffset? Timestamp, WebhookMessage.JobData Data)
{
    /// <summary>What the message says of the job.</summary>
    public sealed record JobData(
        JobId Id,
        JobStatus Status,
        string Title,
        string Language,
        string? Engine,
        string? Error,
        int Attempts,
        DateTimeOffset CreatedAt,
        DateTimeOffset? FinishedAt
    );

    /// <summary>The message about a job that has ended.</summary>
    public static WebhookMessage Of(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var type = job.Status switch
        {
            JobStatus.Completed => JobEvents.Completed,
            JobStatus.Failed => JobEvents.Failed,
            _ => JobEvents.Canceled,
        };
        return new WebhookMessage(
            type,
            job.FinishedAt,
            new JobData(
                job.Id,
                job.Status,
                job.Request.Title,
                job.Language,
                job.Engine,
                job.Error,
                job.Attempts,
                job.CreatedAt,
                job.FinishedAt
            )
        );
    }
}
