using System.Text.Json;
using Api.Access;
using Api.Limits;
using Api.OpenApi;
using Api.Problems;
using EventStreams;
using EventStreams.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Subtitles.Formats;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>Submitting, following and commanding jobs.</summary>
internal static class JobEndpoints
{
    private const int DefaultTake = 50;
    private const int MaxTake = 200;

    public static void MapJobs(this WebApplication app)
    {
        var jobs = app.MapGroup("/jobs").WithTags("Jobs").RefusesBeyondQuotas();

        jobs.MapPost("", SubmitAsync)
            .RequireAuthorization(AccessPolicies.Submit)
            .RequireRateLimiting(LimitSetup.Submit)
            .WithSummary("Submit a job")
            .WithDescription(
                "JSON with a source, or a form with the media in it. The answer comes at once; the work is followed on the event stream. "
                    + "With an Idempotency-Key a repeat answers with the job made before."
            )
            .Takes<SubmitJobRequest>(JobExamples.Submit, form: JobExamples.UploadForm)
            .WithIdempotencyKey()
            .ProducesProblems(400, 401, 413, 415, 422, 429, 503);

        jobs.MapGet("", ListAsync)
            .WithSummary("List your jobs, newest first")
            .WithDescription(
                "An administrator lists everybody's with all=true. With status only those that stand so. Follow next, which is null on "
                    + "the last page: a page may come short before it, when jobs of that status are rare."
            )
            .ProducesProblems(400, 401, 403, 503);

        // Asked before a submission, by whoever may submit.
        app.MapGet(
                "/abilities",
                async (WorkerAbilities abilities, CancellationToken cancellationToken) =>
                    TypedResults.Ok(await abilities.ReadAsync(cancellationToken) ?? new Abilities(false, false))
            )
            .RequireAuthorization(AccessPolicies.Submit)
            .WithTags("Jobs")
            .WithSummary("See what the engines can do")
            .WithDescription(
                "Whether the language may be left to be detected, and whether translate is taken; of the workers that are there now."
            )
            .ProducesProblems(401, 503);

        // Whoever has the id, which cannot be guessed, may look and watch.
        jobs.MapRead(
                "/{id}",
                async (string id, HttpContext context, IJobQueue queue, CancellationToken cancellationToken) =>
                    TypedResults.Ok(JobResponse.Of(await FindAsync(queue, id, cancellationToken), context.User))
            )
            .WithSummary("Look at a job")
            .ProducesProblems(404, 503);

        jobs.MapRead("/{id}/events", FollowAsync)
            .WithSummary("Follow a job")
            .WithDescription(
                StreamText.Description
                    + " Events: job.queued, job.started, job.language, job.progress, cue, cue.withdrawn, job.retrying, job.completed, "
                    + "job.failed, job.canceled, job.deleted."
            )
            .ProducesEventStream()
            .DisableHttpMetrics()
            .ProducesProblems(404);

        jobs.MapRead(
                "/{id}/subtitles.vtt",
                (string id, SubtitleReader reader, CancellationToken cancellationToken) =>
                    ReadAsync(reader, id, "text/vtt; charset=utf-8", snapshot => WebVtt.Write(snapshot.FinalCues), cancellationToken)
            )
            .WithSummary("The cues so far as WebVTT")
            .ProducesFile("text/vtt", JobExamples.Vtt)
            .ProducesProblems(404, 410, 503);

        jobs.MapRead(
                "/{id}/subtitles.srt",
                (string id, SubtitleReader reader, CancellationToken cancellationToken) =>
                    ReadAsync(
                        reader,
                        id,
                        "application/x-subrip; charset=utf-8",
                        snapshot => SubRip.Write(snapshot.FinalCues),
                        cancellationToken
                    )
            )
            .WithSummary("The cues so far as SubRip")
            .ProducesFile("application/x-subrip", JobExamples.Srt)
            .ProducesProblems(404, 410, 503);

        jobs.MapRead(
                "/{id}/subtitles.json",
                (string id, SubtitleReader reader, CancellationToken cancellationToken) =>
                    ReadAsync(
                        reader,
                        id,
                        "application/json; charset=utf-8",
                        snapshot => JsonSerializer.Serialize(snapshot, JsonSerializerOptions.Web),
                        cancellationToken
                    )
            )
            .WithSummary("The cues so far, and the cursor that they fit")
            .WithDescription("A snapshot: a stream that goes on with this cursor as lastEventId misses nothing and repeats nothing.")
            .Produces<SubtitleSnapshot>()
            .ProducesProblems(404, 410, 503);

        jobs.MapPost("/{id}/cancel", CancelAsync)
            .RequireRateLimiting(LimitSetup.Command)
            .WithSummary("Cancel a job")
            .WithDescription("A waiting job ends at once, a running one within a second; job.canceled tells when.")
            .ProducesProblems(401, 403, 404, 409, 429, 503);

        jobs.MapPost("/{id}/retry", RetryAsync)
            .RequireRateLimiting(LimitSetup.Submit)
            .WithSummary("Retry a failed or canceled job")
            .WithDescription("Attempts count from zero again, and the event stream goes on.")
            .ProducesProblems(401, 403, 404, 409, 429, 503);

        jobs.MapPut(
                "/{id}/cues/{cueId}",
                (string id, string cueId, HttpContext context, CorrectCue correct) => correct.RunAsync(id, cueId, context)
            )
            .RequireRateLimiting(LimitSetup.Command)
            .WithSummary("Correct a line")
            .WithDescription(
                "The line's next revision, made from the one that is named: a line that somebody else has corrected meanwhile is not "
                    + "overwritten (409, with the line as current). Viewers get it as a cue event, those of a job that has ended on the "
                    + "stream "
                    + "of corrections."
            )
            .TakesJson<CueCorrection>(JobExamples.Correction)
            .ProducesProblems(400, 401, 403, 404, 409, 413, 415, 429, 503);

        jobs.MapDelete("/{id}", DeleteAsync)
            .RequireRateLimiting(LimitSetup.Command)
            .WithSummary("Delete a job")
            .WithDescription(
                "With its subtitles, its media and its history, in any state. Whoever watches is told by job.deleted, and the stream ends."
            )
            .ProducesProblems(401, 403, 404, 429, 503);
    }

    /// <summary>The job of an id in the address.</summary>
    /// <exception cref="ApiException">404: there is none.</exception>
    public static async Task<Job> FindAsync(IJobQueue queue, string id, CancellationToken cancellationToken) =>
        await queue.GetAsync(ParseId(id), cancellationToken) ?? throw Unknown(id);

    /// <summary>A job that the caller owns.</summary>
    /// <exception cref="ApiException">404: there is none; 403: it is somebody else's.</exception>
    public static async Task<Job> FindOwnAsync(IJobQueue queue, string id, HttpContext context)
    {
        var job = await FindAsync(queue, id, context.RequestAborted);
        Caller.RequireOwner(context.User, job);
        return job;
    }

    private static async Task<Accepted<JobAccepted>> SubmitAsync(HttpContext context, SubmitJob submit)
    {
        var (job, warnings, token) = await submit.RunAsync(context);
        return TypedResults.Accepted(
            JobLinks.Of(job.Id).Self,
            JobAccepted.Of(job) with
            {
                Warnings = warnings is [] ? null : warnings,
                Ingest = token is null ? null : new IngestAddress(JobLinks.MediaOf(job.Id), token),
            }
        );
    }

    private static async Task<Ok<JobList>> ListAsync(
        HttpContext context,
        IJobQueue queue,
        CancellationToken cancellationToken,
        string? status = null,
        string? after = null,
        int take = DefaultTake,
        bool all = false
    )
    {
        if (all && !Right.Has(context.User, Right.Administer))
            throw new ApiException(
                StatusCodes.Status403Forbidden,
                "Only an administrator lists everybody's jobs. Leave all out for your own."
            );
        if (take is < 1 or > MaxTake)
            throw ApiException.BadRequest($"take is 1 to {MaxTake}.");
        JobCursor? place =
            after is null ? null
            : JobCursor.TryParse(after, out var cursor) ? cursor
            : throw ApiException.BadRequest("after is what the field next of the page before has; leave it out for the first page.");
        var owner = all ? null : Caller.SubjectOf(context.User);
        var page = await queue.ListAsync(new JobQuery(take, JobFields.Status(status), place, owner), cancellationToken);
        return TypedResults.Ok(
            new JobList(
                [.. page.Jobs.Select(job => JobResponse.Of(job, context.User))],
                page.Next is { } next
                    ? $"/jobs?{(all ? "all=true&" : "")}{(status is null ? "" : $"status={status}&")}take={take}&after={next}"
                    : null
            )
        );
    }

    private static async Task<IResult> FollowAsync(string id, HttpContext context, IJobQueue queue, CancellationToken cancellationToken)
    {
        var job = ParseId(id);
        try
        {
            if (await queue.GetAsync(job, cancellationToken) is null)
                throw Unknown(id);
        }
        catch (EventStreamUnavailableException)
        {
            // EventSource gives up forever on a 503. The stream's own answer asks it to come back instead.
        }
        // The head of a stream that would never end.
        return HttpMethods.IsHead(context.Request.Method)
            ? TypedResults.Text("", "text/event-stream; charset=utf-8")
            : new EventStreamResult(job.Topic);
    }

    private static async Task<SubtitleResult> ReadAsync(
        SubtitleReader reader,
        string id,
        string contentType,
        Func<SubtitleSnapshot, string> write,
        CancellationToken cancellationToken
    )
    {
        var snapshot = await reader.ReadAsync(id, cancellationToken);
        return new SubtitleResult(snapshot, contentType, write(snapshot));
    }

    private static async Task<Accepted<JobAccepted>> CancelAsync(
        string id,
        HttpContext context,
        IJobQueue queue,
        JobCommands commands,
        CancellationToken cancellationToken
    )
    {
        var result = await commands.CancelAsync((await FindOwnAsync(queue, id, context)).Id, cancellationToken);
        return result switch
        {
            { Job: null } => throw Unknown(id),
            { Outcome: CancelOutcome.AlreadyEnded } => throw ApiException.Conflict(
                $"The job is {Name(result.Job)}: only a job that has not ended can be canceled."
            ),
            _ => Accept(result.Job),
        };
    }

    private static async Task<NoContent> DeleteAsync(
        string id,
        HttpContext context,
        IJobQueue queue,
        JobRemoval removal,
        CancellationToken cancellationToken
    )
    {
        var job = await FindOwnAsync(queue, id, context);
        return await removal.DeleteAsync(job.Id, "api", cancellationToken) ? TypedResults.NoContent() : throw Unknown(id);
    }

    private static async Task<Accepted<JobAccepted>> RetryAsync(
        string id,
        HttpContext context,
        IJobQueue queue,
        JobCommands commands,
        CancellationToken cancellationToken
    )
    {
        var (job, changed) = await commands.RetryAsync((await FindOwnAsync(queue, id, context)).Id, cancellationToken) ?? throw Unknown(id);
        return changed
            ? Accept(job)
            : throw ApiException.Conflict($"The job is {Name(job)}: only a failed or canceled job can be retried.");
    }

    private static Accepted<JobAccepted> Accept(Job job) => TypedResults.Accepted(JobLinks.Of(job.Id).Self, JobAccepted.Of(job));

    private static string Name(Job job) => job.Status.ToString().ToLowerInvariant();

    private static JobId ParseId(string id) => JobId.TryParse(id, out var job) ? job : throw Unknown(id);

    private static ApiException Unknown(string id) =>
        ApiException.NotFound(
            $"There is no job '{id}'. It may have been forgotten, as jobs are some days after their end; GET /jobs lists those that there "
                + "are."
        );
}
