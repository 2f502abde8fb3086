using System.Text.Json;
using EventStreams;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Transcription;

namespace Worker;

/// <summary>What the topic of a job holds of earlier attempts.</summary>
/// <param name="Final">The number of final cues.</param>
/// <param name="StartMs">The beginning of the last of them.</param>
/// <param name="EndMs">The end of the last of them.</param>
/// <param name="NextRev">The first free revision of the cue after them, of which there may be partial ones.</param>
/// <param name="Partials">The partial cues that no final one has replaced.</param>
internal sealed record DurableCues(int Final, long StartMs, long EndMs, int NextRev, IReadOnlyList<Cue> Partials)
{
    public ResumePoint ResumePoint => new(Final, StartMs, EndMs);

    /// <summary>The ids of the cues that a topic holds.</summary>
    public static HashSet<string> IdsOf(StatePage state) =>
        [
            .. state
                .Events.Where(e => e.Type == JobEvents.Cue)
                .Select(e => JsonSerializer.Deserialize<Cue>(e.Payload.Span, JsonSerializerOptions.Web)!.CueId),
        ];

    public static DurableCues Read(StatePage state)
    {
        var (final, startMs, endMs) = (0, 0L, 0L);
        var partialRevs = new Dictionary<int, int>();
        var partials = new List<Cue>();
        foreach (var entry in state.Events)
        {
            if (
                entry.Type == JobEvents.CueWithdrawn
                && JsonSerializer.Deserialize<CueWithdrawn>(entry.Payload.Span, JsonSerializerOptions.Web) is { } gone
                && CueIds.TryGetIndex(gone.CueId, out var place)
            )
                partialRevs[place] = gone.Rev;
            if (entry.Type != JobEvents.Cue)
                continue;
            var cue = JsonSerializer.Deserialize<Cue>(entry.Payload.Span, JsonSerializerOptions.Web);
            if (cue is null || !CueIds.TryGetIndex(cue.CueId, out var index))
                continue;
            if (cue.State == CueState.Partial)
            {
                partialRevs[index] = cue.Rev;
                partials.Add(cue);
            }
            else if (index >= final)
                (final, startMs, endMs) = (index + 1, cue.StartMs, cue.EndMs);
        }
        return new DurableCues(final, startMs, endMs, partialRevs.GetValueOrDefault(final) + 1, partials);
    }
}
