using Microsoft.AspNetCore.WebUtilities;

namespace Api.Problems;

/// <summary>Writes problems as JSON to every client. The framework's own writer leaves those without a body that did not ask for JSON, as a
/// browser's <c>EventSource</c>.</summary>
internal sealed class ProblemWriter : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var response = context.HttpContext.Response;
        var problem = context.ProblemDetails;
        problem.Status ??= response.StatusCode;
        problem.Title ??= ReasonPhrases.GetReasonPhrase(problem.Status.Value);
        problem.Detail ??= Explain(context.HttpContext, problem.Status.Value);
        problem.Instance ??= context.HttpContext.Request.Path;
        problem.Extensions["traceId"] = System.Diagnostics.Activity.Current?.Id ?? context.HttpContext.TraceIdentifier;
        response.Headers.CacheControl = "no-store";
        return new ValueTask(
            response.WriteAsJsonAsync(
                problem,
                problem.GetType(),
                options: null,
                contentType: "application/problem+json",
                context.HttpContext.RequestAborted
            )
        );
    }

    /// <summary>What the framework answers by itself comes with a bare number.</summary>
    private static string? Explain(HttpContext context, int status) =>
        status switch
        {
            StatusCodes.Status401Unauthorized =>
                "This needs credentials, and there are none here that are known and still good. Send an access token as a bearer token in "
                    + "Authorization, or an API key in X-Api-Key.",
            StatusCodes.Status403Forbidden =>
                "Your credentials do not give the right to do this. Whoever runs the service gives rights to API keys (Access:ApiKeys) "
                    + "and tokens.",
            StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}. What there is stands in /openapi/v1.json.",
            StatusCodes.Status405MethodNotAllowed =>
                $"{context.Request.Method} is not possible here, only {context.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType =>
                $"The content type '{context.Request.ContentType}' is not taken here. What is taken stands in /openapi/v1.json.",
            _ => null,
        };
}
