using System.Globalization;
using EventStreams;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using StackExchange.Redis;

namespace Api.Problems;

/// <summary>Turns what a request ended with into a problem.</summary>
internal sealed partial class ProblemExceptionHandler(IProblemDetailsService problems, ILogger<ProblemExceptionHandler> logger)
    : IExceptionHandler
{
    // Instead of the framework's sentence, which speaks of this code's types.
    private const string Unreadable =
        "The request cannot be read: its body breaks off, or a parameter is not of the kind that is expected. What each is stands in "
        + "/openapi/v1.json.";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = exception switch
        {
            ApiException api => Describe(api),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new ProblemDetails
            {
                Status = StatusCodes.Status413PayloadTooLarge,
                Detail = "The body is larger than this call takes.",
            },
            BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode, Detail = Unreadable },
            EventStreamUnavailableException or RedisException => new ProblemDetails
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Detail = "The service cannot reach its Redis at the moment. Try again in a few seconds.",
            },
            _ => new ProblemDetails
            {
                Status = StatusCodes.Status500InternalServerError,
                Detail = "The service failed; its log has the reason under the trace id of this answer.",
            },
        };
        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
        {
            httpContext.Response.Headers.RetryAfter = "2";
            LogUnavailable(logger, httpContext.Request.Path, exception.Message);
        }
        else if (problem.Status == StatusCodes.Status429TooManyRequests)
        {
            // For a job to end, or for somebody to delete one.
            httpContext.Response.Headers.RetryAfter =
                (exception as ApiException)?.RetryAfterSeconds?.ToString(CultureInfo.InvariantCulture) ?? "30";
        }
        else if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            LogFailed(logger, httpContext.Request.Path, exception);
        }

        httpContext.Response.StatusCode = problem.Status!.Value;
        return await problems.TryWriteAsync(
            new ProblemDetailsContext
            {
                HttpContext = httpContext,
                ProblemDetails = problem,
                Exception = exception,
            }
        );
    }

    private static ProblemDetails Describe(ApiException exception) =>
        exception.Field is { } field
            ? new HttpValidationProblemDetails(new Dictionary<string, string[]> { [field] = [exception.Message] })
            {
                Status = exception.Status,
                Title = null,
                Detail = exception.Message,
            }
            : new ProblemDetails
            {
                Status = exception.Status,
                Detail = exception.Message,
                Extensions = exception.Current is { } current
                    ? new Dictionary<string, object?> { ["current"] = current }
                    : new Dictionary<string, object?>(),
            };

    [LoggerMessage(LogLevel.Error, "The request for {Path} failed.")]
    private static partial void LogFailed(ILogger logger, string path, Exception failure);

    [LoggerMessage(LogLevel.Warning, "The request for {Path} could not reach Redis: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string path, string reason);
}
