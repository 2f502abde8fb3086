using EventStreams;
using Subtitles.Media;

namespace Subtitles.Jobs;

/// <summary>Deletes jobs with all that belongs to them: the state, the cues, the media, and the topic's history.</summary>
/// <remarks>
/// First the queue gives the job's lease to whoever deletes it, so that its worker stops and can publish nothing more. Then viewers are
/// told, in one step with the removal of all earlier events; then the media goes, and last the job's document. A crash at any point leaves
/// a lease that expires: the next worker gets the job, marked as deleted, and goes through the same steps, each of
/// which is harmless when repeated. What stays is the topic's position with <c>job.deleted</c> and the end, for viewers who come back,
/// until it expires.
/// </remarks>
public sealed class JobRemoval(IJobQueue queue, IEventPublisher publisher, IMediaStore media, LiveMediaStore live)
{
    private const string UploadPrefix = "upload:";

    /// <summary>Deletes a job. False when there is none.</summary>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time. The call can be repeated; a deletion that has
    /// begun is finished by a worker in any case.</exception>
    public async Task<bool> DeleteAsync(JobId id, string caller, CancellationToken cancellationToken)
    {
        if (await queue.DeleteAsync(id, caller, cancellationToken) is not { } lease)
            return false;
        await FinishAsync(lease, cancellationToken);
        return true;
    }

    /// <summary>Goes through all steps of a deletion that has begun.</summary>
    /// <inheritdoc cref="DeleteAsync" path="/exception"/>
    public async Task FinishAsync(JobLease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        var last = EventMessage.Json(JobEvents.Deleted, new JobDeleted(lease.Job.Id));
        var options = new PublishOptions
        {
            FencingToken = lease.Token,
            Reopen = true,
            Clear = true,
            End = true,
        };
        await publisher.PublishAsync(lease.Job.Id.Topic, last, options, cancellationToken);
        await publisher.PublishAsync(lease.Job.Id.CorrectionsTopic, last, options, cancellationToken);
        DeleteMedia(lease.Job);
        await queue.ForgetAsync(lease, cancellationToken);
    }

    /// <summary>Deletes what the media store holds of a job, uploaded, fetched or sent live.</summary>
    public void DeleteMedia(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        foreach (
            var upload in new[] { job.Request.Source, job.Request.SideFile }
                .OfType<string>()
                .Where(name => name.StartsWith(UploadPrefix, StringComparison.Ordinal))
        )
            media.Delete(upload[UploadPrefix.Length..]);
        if (media.FindName(job.Id.Value) is { } fetched)
            media.Delete(fetched);
        if (job.Request.IsLive)
            live.Delete(job.Id);
    }
}
