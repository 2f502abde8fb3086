using System.Net;
using System.Text.Json;
using Web.Forwarding;
using Web.Security;

namespace Web.Jobs;

/// <summary>Reads jobs from the Api for the first rendering of a page; from then on the browser listens to the event stream itself. Also
/// gives commands.</summary>
public sealed partial class JobsClient(HttpClient http, ApiCredentials credentials, ILogger<JobsClient> logger)
{
    private const string Unreachable = "The service cannot be reached. Try again in a few seconds.";

    /// <summary>The job, whether it exists, or neither when the Api cannot be asked: then the page comes all the same and fills itself when
    /// the stream does.</summary>
    public async Task<(bool Known, JobSummary? Job)> FindAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendAsync(HttpMethod.Get, $"jobs/{Uri.EscapeDataString(id)}", cancellationToken);
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

    /// <summary>A page of jobs, newest first; null when the Api cannot be asked.</summary>
    public async Task<JobsPage?> ListAsync(JobsQuery query, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendAsync(HttpMethod.Get, "jobs" + query.ToQueryString(), cancellationToken);
            // Who is not known has no jobs.
            if (answer.StatusCode == HttpStatusCode.Unauthorized)
                return new JobsPage([], null);
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadFromJsonAsync<JobsPage>(cancellationToken);
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            LogNotRead(e.Message);
            return null;
        }
    }

    /// <summary>Whether an engine is there that detects the language; false also when the Api cannot be asked.</summary>
    public async Task<bool> DetectsLanguageAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendAsync(HttpMethod.Get, "abilities", cancellationToken);
            return answer.IsSuccessStatusCode
                && (await answer.Content.ReadFromJsonAsync<EngineAbilities>(cancellationToken))?.DetectsLanguage == true;
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            LogNotRead(e.Message);
            return false;
        }
    }

    /// <summary>Submits a job. Its id, or a sentence that says why not.</summary>
    /// <param name="source">A sample or an address.</param>
    /// <param name="language">The language spoken, as a BCP 47 tag; null for the service's own choice.</param>
    /// <param name="pace"><c>fast</c> or <c>realtime</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<(string? Id, string? Problem)> SubmitAsync(
        string source,
        string? language,
        string pace,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "jobs");
            request.Content = JsonContent.Create(
                new
                {
                    source,
                    language,
                    pace,
                }
            );
            // The call is repeated when its answer does not come; the job is not.
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
            credentials.AddTo(request);
            using var answer = await http.SendAsync(request, cancellationToken);
            credentials.Keep(answer);
            return answer.IsSuccessStatusCode
                ? ((await answer.Content.ReadFromJsonAsync<JobSummary>(cancellationToken))?.Id, null)
                : (null, await ApiProblem.ReadAsync(answer, cancellationToken));
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            LogNotCommanded("submit", source, e.Message);
            return (null, Unreachable);
        }
    }

    /// <summary>Gives a job a command, <c>cancel</c> or <c>retry</c>. Null when it was taken; else a sentence that says why not.</summary>
    public Task<string?> CommandAsync(string id, string command, CancellationToken cancellationToken) =>
        OrderAsync(HttpMethod.Post, $"jobs/{Uri.EscapeDataString(id)}/{command}", command, id, cancellationToken);

    /// <summary>Deletes a job with its subtitles and its media. Null when it is gone; else a sentence that says why not.</summary>
    public Task<string?> DeleteAsync(string id, CancellationToken cancellationToken) =>
        OrderAsync(HttpMethod.Delete, $"jobs/{Uri.EscapeDataString(id)}", "delete", id, cancellationToken);

    private async Task<string?> OrderAsync(HttpMethod method, string path, string command, string id, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await SendAsync(method, path, cancellationToken);
            return answer.IsSuccessStatusCode ? null : await ApiProblem.ReadAsync(answer, cancellationToken);
        }
        catch (Exception e) when (IsUnavailable(e, cancellationToken))
        {
            LogNotCommanded(command, id, e.Message);
            return Unreachable;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        credentials.AddTo(request);
        return await http.SendAsync(request, cancellationToken);
    }

    private static bool IsUnavailable(Exception e, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested
        && e is HttpRequestException or JsonException or OperationCanceledException or Polly.ExecutionRejectedException;

    private sealed record EngineAbilities(bool DetectsLanguage);

    [LoggerMessage(LogLevel.Warning, "The page comes without the service's data. {Reason}")]
    private partial void LogNotRead(string reason);

    [LoggerMessage(LogLevel.Warning, "The command {Command} for {Job} did not get through. {Reason}")]
    private partial void LogNotCommanded(string command, string job, string reason);
}
