using System.Text;
using Microsoft.Net.Http.Headers;

namespace Api.Jobs;

/// <summary>Answers with a file that changes while a job runs: a client that has the newest already gets 304.</summary>
internal sealed class SubtitleResult(SubtitleSnapshot snapshot, string contentType, string text) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        // The cues are a function of the cursor; the status is in the JSON form, and changes a moment after the last event.
        var tag = new EntityTagHeaderValue($"\"{snapshot.Cursor ?? "none"}-{snapshot.Status}\"");
        response.Headers.ETag = tag.ToString();
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentLanguage = snapshot.Language;
        if (
            httpContext
                .Request.GetTypedHeaders()
                .IfNoneMatch.Any(other => other.Equals(EntityTagHeaderValue.Any) || other.Compare(tag, useStrongComparison: false))
        )
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        response.ContentType = contentType;
        var bytes = Encoding.UTF8.GetBytes(text);
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, httpContext.RequestAborted);
    }
}
