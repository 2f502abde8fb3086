using System.Text.Json;
using Api.Problems;
using EventStreams;
using Subtitles.Cues;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>Reads the cues of a job out of its topic's state, which holds the newest revision of each.</summary>
internal sealed class SubtitleReader(IJobQueue queue, IEventLog log)
{
    public async Task<SubtitleSnapshot> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var job = await JobEndpoints.FindAsync(queue, id, cancellationToken);
        var state = await log.ReadStateAsync(job.Id.Topic, cancellationToken);
        if (state.Position.Tail is null && job.Status == JobStatus.Completed)
        {
            throw new ApiException(
                StatusCodes.Status410Gone,
                "The subtitles of this job are not kept any more. Submit it again to get them anew."
            );
        }
        var cues = state
            .Events.Where(e => e.Type == JobEvents.Cue)
            .Select(e => JsonSerializer.Deserialize<Cue>(e.Payload.Span, JsonSerializerOptions.Web)!)
            // A worker that vanished may have left a partial one, which a viewer of a job that goes on is to see.
            .Where(cue => cue.State == CueState.Final || job.Status is not (JobStatus.Completed or JobStatus.Failed or JobStatus.Canceled))
            .OrderBy(cue => cue.StartMs)
            .ThenBy(cue => cue.EndMs)
            .ToList();
        return new SubtitleSnapshot(job.Id, job.Status, state.Position.Tail?.ToString(), job.CueLanguage, cues);
    }
}
