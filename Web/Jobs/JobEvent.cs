using System.Text.Json;
using EventStreams.Client;

namespace Web.Jobs;

/// <summary>What the events of a job's topic say of its state; all that is not about that is ignored.</summary>
internal sealed record JobEvent(string? Stage, double? Percent, string? Engine, int? Attempt, string? Reason)
{
    private static readonly JobEvent Empty = new(null, null, null, null, null);

    /// <summary>The job as it is after an event; the same object where the event changes nothing.</summary>
    public static JobSummary Apply(JobSummary job, StreamMessage message)
    {
        if (message.Kind != StreamMessageKind.Event || StatusAfter(message.Type) is not { } status)
            return job;
        var news = Read(message.Data);
        return job with
        {
            Status = status,
            Stage =
                news.Stage
                ?? (
                    status is "completed" ? "done"
                    : status is "queued" ? "queued"
                    : job.Stage
                ),
            Percent =
                news.Percent
                ?? (
                    status is "completed" ? 100
                    : status is "queued" ? 0
                    : job.Percent
                ),
            Engine = news.Engine ?? job.Engine,
            Attempts = news.Attempt ?? job.Attempts,
            Error = news.Reason ?? (status is "retrying" or "failed" ? job.Error : null),
            IsCancelRequested = status is not "canceled" && job.IsCancelRequested,
        };
    }

    private static string? StatusAfter(string type) =>
        type switch
        {
            "job.queued" => "queued",
            "job.started" or "job.progress" => "running",
            "job.retrying" => "retrying",
            "job.completed" => "completed",
            "job.failed" => "failed",
            "job.canceled" => "canceled",
            _ => null,
        };

    private static JobEvent Read(string data)
    {
        try
        {
            return JsonSerializer.Deserialize<JobEvent>(data, JsonSerializerOptions.Web) ?? Empty;
        }
        catch (JsonException)
        {
            // Its type alone says what became of the job; the list, which is read again soon, has the rest.
            return Empty;
        }
    }
}
