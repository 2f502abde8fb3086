using Api.Access;
using Api.Problems;
using EventStreams;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>Takes a submission in either form.</summary>
internal sealed partial class SubmitJob(
    JobCommands commands,
    IJobQueue queue,
    VisitorCookie visitors,
    WorkerAbilities abilities,
    JsonSubmission json,
    UploadSubmission upload,
    IEventStreamHub streams,
    ILogger<SubmitJob> logger
)
{
    public async Task<(Job Job, IReadOnlyList<string> Warnings, string? IngestToken)> RunAsync(HttpContext context)
    {
        var key = IdempotencyKey.Of(context.Request);
        var isUpload = context.Request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) == true;
        if (!isUpload && !context.Request.HasJsonContentType())
        {
            throw ApiException.UnsupportedMedia(
                "Send application/json with a source, or multipart/form-data with the file in the part 'media'."
            );
        }

        var owner = Caller.SubjectOf(context.User)!;
        // Before an upload is read that nobody would keep. A repeat makes no job more.
        if (key is null)
            await queue.CheckQuotaAsync(owner, isUpload ? 1 : 0, context.RequestAborted);
        var warnings = new List<string>();
        var request = (isUpload ? await upload.ReadAsync(context, warnings) : await json.ReadAsync(context)) with { Owner = owner };
        if (request.Translate && await abilities.ReadAsync(context.RequestAborted) is { Translates: false })
        {
            if (isUpload)
                upload.Discard(request);
            throw ApiException.BadRequest(
                "No engine that is set up here translates. Leave out translate, or set up the engine openai (Transcription:OpenAi).",
                "translate"
            );
        }
        visitors.Keep(context);
        string? token = null;
        if (request.IsLive)
        {
            // A repeat could not be told the token, of which nothing but the hash is kept.
            if (key is not null)
                throw ApiException.BadRequest(
                    $"A live job takes no {IdempotencyKey.Header}: a repeat would not learn the token. Submit it again; one that nothing "
                        + "is sent to ends by itself."
                );
            token = IngestToken.Create();
            request = request with { IngestTokenHash = IngestToken.Hash(token) };
        }
        var (job, created) = await RunAsync(request, key, isUpload, context.RequestAborted);
        if (!created && isUpload)
            upload.Discard(request);
        if (!created && !job.Request.IsSameAs(request))
        {
            throw new ApiException(
                StatusCodes.Status422UnprocessableEntity,
                $"This {IdempotencyKey.Header} came before with another request, which made the job {job.Id}. Draw a new key for a new job."
            );
        }
        await WarmAsync(job.Id.Topic, context.RequestAborted);
        return (job, warnings, token);
    }

    private async Task<SubmitResult> RunAsync(JobRequest request, string? key, bool isUpload, CancellationToken cancellationToken)
    {
        try
        {
            return await commands.SubmitAsync(request, key, cancellationToken);
        }
        catch (JobQuotaException) when (isUpload)
        {
            upload.Discard(request);
            throw;
        }
    }

    /// <summary>Whoever submits a job will watch it, and often through this replica: it subscribes ahead. No more than that, so a failure
    /// is none of the job's.</summary>
    private async Task WarmAsync(Topic topic, CancellationToken cancellationToken)
    {
        try
        {
            await streams.WarmAsync(topic, cancellationToken);
        }
        catch (EventStreamUnavailableException failure)
        {
            LogNotWarmed(logger, topic, failure.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Not subscribed ahead to {Topic}: {Reason}")]
    private static partial void LogNotWarmed(ILogger logger, Topic topic, string reason);
}
