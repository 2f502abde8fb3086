using System.Net;
using System.Text.Json;

namespace Web.Jobs;

/// <summary>Reads jobs from the Api for the first rendering of a page; from then on the browser listens to the event stream itself. Also gives commands.</summary>
public sealed partial class JobsClient(HttpClient http, ILogger<JobsClient> logger)
{
    /// <summary>The job, whether it exists, or neither when the Api cannot be asked: then the page comes all the same and fills itself when the stream does.</summary>
    public async Task<(bool Known, JobSummary? Job)> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync($"jobs/{Uri.EscapeDataString(id)}", cancellationToken);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
                return (true, null);
            answer.EnsureSuccessStatusCode();
            return (true, await answer.Content.ReadFromJsonAsync<JobSummary>(cancellationToken));
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            LogNotRead(e.Message);
            return (false, null);
        }
    }

    /// <summary>The newest jobs, newest first; null when the Api cannot be asked.</summary>
    public async Task<IReadOnlyList<JobSummary>?> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            var list = await http.GetFromJsonAsync<JobList>("jobs", cancellationToken);
            return list?.Jobs;
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            LogNotRead(e.Message);
            return null;
        }
    }

    /// <summary>Gives a job a command, <c>cancel</c> or <c>retry</c>. Null when it was taken; else a sentence that says why not.</summary>
    public async Task<string?> CommandAsync(string id, string command, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.PostAsync($"jobs/{Uri.EscapeDataString(id)}/{command}", content: null, cancellationToken);
            if (answer.IsSuccessStatusCode)
                return null;
            var problem = await answer.Content.ReadFromJsonAsync<Problem>(cancellationToken);
            return problem?.Detail ?? problem?.Title ?? $"The service answered {(int)answer.StatusCode}.";
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            LogNotCommanded(command, id, e.Message);
            return "The service cannot be reached. Try again in a few seconds.";
        }
    }

    private static bool IsUnavailable(Exception e, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && e is HttpRequestException or JsonException or OperationCanceledException or Polly.ExecutionRejectedException;

    [LoggerMessage(LogLevel.Warning, "The page comes without the service's data. {Reason}")]
    private partial void LogNotRead(string reason);

    [LoggerMessage(LogLevel.Warning, "The command {Command} for job {JobId} did not get through. {Reason}")]
    private partial void LogNotCommanded(string command, string jobId, string reason);

    private sealed record Problem(string? Title, string? Detail);

    private sealed record JobList(IReadOnlyList<JobSummary> Jobs);
}
