using EventStreams;
using Subtitles.Jobs;

namespace Api.Jobs;

/// <summary>Where a job's resources are, as paths of this service.</summary>
/// <param name="Self">The job.</param>
/// <param name="Events">Its event stream.</param>
/// <param name="Vtt">Its cues so far as WebVTT.</param>
/// <param name="Srt">Its cues so far as SubRip.</param>
/// <param name="Json">Its cues so far as JSON, with the cursor that they fit.</param>
/// <param name="Cancel">POST here to cancel it.</param>
/// <param name="Retry">POST here to retry it.</param>
/// <param name="Corrections">The event stream of corrected lines, which goes on when the job has ended.</param>
internal sealed record JobLinks(
    string Self,
    string Events,
    string Vtt,
    string Srt,
    string Json,
    string Cancel,
    string Retry,
    string Corrections
)
{
    /// <summary>What the topics of jobs begin with.</summary>
    public const string TopicPrefix = "job:";

    public static JobLinks Of(JobId id)
    {
        var self = PathOf(id.Value);
        return new JobLinks(
            self,
            $"{self}/events",
            $"{self}/subtitles.vtt",
            $"{self}/subtitles.srt",
            $"{self}/subtitles.json",
            $"{self}/cancel",
            $"{self}/retry",
            $"/streams/{id.CorrectionsTopic}"
        );
    }

    /// <summary>Where a client finds the state of a topic when its history is gone.</summary>
    public static string? SnapshotOf(Topic topic) =>
        topic.Name.StartsWith(TopicPrefix, StringComparison.Ordinal) && JobId.TryParse(topic.Name[TopicPrefix.Length..], out var id)
            ? Of(id).Json
            : null;

    /// <summary>Where the media of a live job is sent.</summary>
    public static string MediaOf(JobId id) => $"{PathOf(id.Value)}/media";

    private static string PathOf(string id) => $"/jobs/{id}";
}
