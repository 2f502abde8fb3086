using System.Net;
using System.Text.Json;

namespace Web.Jobs;

/// <summary>Reads jobs from the Api for the first rendering of a page; from then on the browser listens to the event stream itself.</summary>
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

    private static bool IsUnavailable(Exception e, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && e is HttpRequestException or JsonException or OperationCanceledException or Polly.ExecutionRejectedException;

    [LoggerMessage(LogLevel.Warning, "The page comes without the service's data. {Reason}")]
    private partial void LogNotRead(string reason);

    private sealed record JobList(IReadOnlyList<JobSummary> Jobs);
}
