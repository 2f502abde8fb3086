using Api.OpenApi;
using Api.Problems;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;
using Subtitles.Media;

namespace Api.Jobs;

/// <summary>Takes the media of live jobs, in numbered chunks.</summary>
internal static class LiveMediaEndpoints
{
    public const string TokenHeader = "X-Ingest-Token";

    public static void MapLiveMedia(this WebApplication app)
    {
        // The token is the right to send, whoever shows it.
        var media = app.MapGroup("/jobs/{id}/media").WithTags("Live").AllowAnonymous().RefusesBeyondQuotas();

        media
            .MapPut("/{number:int:min(0)}", TakeAsync)
            .WithSummary("Send a chunk of live media")
            .WithDescription(
                "Chunks are the media's bytes, cut anywhere, numbered from 0 and sent in their order, to any replica. One that is sent "
                    + "again changes nothing, so repeat what had no answer. last=true ends the media; that chunk may be empty."
            )
            .ProducesProblems(400, 403, 404, 409, 413, 415, 429, 503);

        media
            .MapGet("", ReadAsync)
            .WithSummary("See how far live media has come")
            .WithDescription("A sender that lost its connection goes on with the chunk next.")
            .ProducesProblems(403, 404, 503);
    }

    private static async Task<IResult> TakeAsync(
        string id,
        int number,
        HttpContext context,
        IJobQueue queue,
        LiveMediaStore store,
        IOptions<MediaOptions> options,
        [FromHeader(Name = TokenHeader)] string? token = null,
        bool last = false
    )
    {
        var job = await AuthorizeAsync(queue, id, token, context.RequestAborted);
        if (job.Status is JobStatus.Completed or JobStatus.Failed or JobStatus.Canceled)
            throw ApiException.Conflict($"The job is {job.Status.ToString().ToLowerInvariant()}: nothing more is taken.");
        var maxBytes = options.Value.MaxChunkBytes;
        var content = await BoundedBody.ReadAsync(
            context,
            maxBytes,
            $"A chunk has at most {maxBytes / 1024} KiB. Cut the media into smaller ones."
        );
        if (content.Length == 0 && !last)
            throw ApiException.BadRequest("The chunk is empty. Only the last one may be, with last=true.");
        if (number == 0 && content.Length > 0 && MediaFormat.DetectMedia(content) is null)
            throw ApiException.UnsupportedMedia(
                $"The first chunk does not begin a format that is taken: {MediaFormat.SupportedMedia}. It needs the first 512 bytes at "
                    + "least."
            );
        // Before it is stored: a chunk whose count was lost with its replica is sent again, and counted once.
        if (content.Length > 0 && !store.Read(job.Id).IsEnded)
            await queue.CountMediaAsync(job.Id, number, content.Length, context.RequestAborted);
        try
        {
            return await store.PutAsync(job.Id, number, content, last, context.RequestAborted) switch
            {
                LiveChunkOutcome.Stored => TypedResults.Created((string?)null, new LiveMediaResponse(number + 1, last)),
                LiveChunkOutcome.Known => TypedResults.Ok(new LiveMediaResponse(number + 1, last)),
                LiveChunkOutcome.Ended => throw ApiException.Conflict(
                    "The media has ended, by a last chunk or by a long silence: nothing more is taken."
                ),
                LiveChunkOutcome.Different => throw ApiException.Conflict(
                    $"Another chunk has been stored as {number}. Chunk {store.Read(job.Id).Next} comes next."
                ),
                _ => throw ApiException.Conflict($"Chunk {number - 1} is not there yet. Chunk {store.Read(job.Id).Next} comes next."),
            };
        }
        catch (MediaTooLargeException failure)
        {
            throw ApiException.TooLarge(failure.Message);
        }
    }

    private static async Task<IResult> ReadAsync(
        string id,
        IJobQueue queue,
        LiveMediaStore store,
        [FromHeader(Name = TokenHeader)] string? token,
        CancellationToken cancellationToken
    )
    {
        var state = store.Read((await AuthorizeAsync(queue, id, token, cancellationToken)).Id);
        return TypedResults.Ok(new LiveMediaResponse(state.Next, state.IsEnded));
    }

    private static async Task<Job> AuthorizeAsync(IJobQueue queue, string id, string? token, CancellationToken cancellationToken)
    {
        var job = await JobEndpoints.FindAsync(queue, id, cancellationToken);
        if (!job.Request.IsLive)
            throw ApiException.NotFound("This job takes no media: it was not submitted with the source live.");
        return IngestToken.IsOf(job.Request, token)
            ? job
            : throw new ApiException(
                StatusCodes.Status403Forbidden,
                $"The header {TokenHeader} has the token that the answer to the submission showed, and no other."
            );
    }
}

/// <summary>How far live media has come.</summary>
/// <param name="Next">The number of the chunk that comes next.</param>
/// <param name="Ended">Whether the media has ended.</param>
internal sealed record LiveMediaResponse(int Next, bool Ended);

/// <summary>Where live media is sent.</summary>
/// <param name="Media">Chunk N is sent by PUT to this path, a slash and N.</param>
/// <param name="Token">To be sent in the header <c>X-Ingest-Token</c>. It is shown this once.</param>
internal sealed record IngestAddress(string Media, string Token);
