using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace EventStreams.Http;

/// <summary>Problem details (RFC 9457), written the app's own way where it has one.</summary>
internal sealed class StreamProblem(int status, string detail, string? field = null) : IResult, IStatusCodeHttpResult
{
    /// <inheritdoc/>
    public int? StatusCode => status;

    /// <summary>A name in the address is no topic's.</summary>
    public static StreamProblem OfTopic() =>
        new(
            StatusCodes.Status400BadRequest,
            $"A topic's name has 1 to {Topic.MaxLength} characters: a letter or digit first, then letters, digits, '.', '_', ':' or '-'.",
            "topic"
        );

    /// <summary>The topics of a request are none that a stream can have.</summary>
    public static StreamProblem OfTopics(string detail) => new(StatusCodes.Status400BadRequest, detail, "topic");

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        httpContext.Response.StatusCode = status;
        var problem = field is null
            ? new ProblemDetails { Status = status, Detail = detail }
            : new HttpValidationProblemDetails(new Dictionary<string, string[]> { [field] = [detail] })
            {
                Status = status,
                Title = null,
                Detail = detail,
            };
        if (
            httpContext.RequestServices.GetService<IProblemDetailsService>() is { } problems
            && await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem })
        )
        {
            return;
        }
        await httpContext.Response.WriteAsJsonAsync(
            problem,
            problem.GetType(),
            options: null,
            contentType: "application/problem+json",
            httpContext.RequestAborted
        );
    }
}
