using System.Text.Json;
using EventStreams;
using Subtitles.Cues;

namespace Subtitles.Jobs;

/// <summary>How a correction ended.</summary>
public enum CorrectionOutcome
{
    /// <summary>The cue has the new text.</summary>
    Corrected,

    /// <summary>There is no such cue.</summary>
    NotFound,

    /// <summary>The cue is still partial: its text is about to change.</summary>
    Partial,

    /// <summary>The cue has another revision than the one that was corrected.</summary>
    Conflict,
}

/// <summary>The answer to a correction.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Cue">The cue as it is then; null when there is none.</param>
public readonly record struct CorrectionResult(CorrectionOutcome Outcome, Cue? Cue);

/// <summary>Corrects cues: each correction is a new revision, made from the one that its author saw.</summary>
/// <remarks>
/// <para>The log decides between two who correct the same revision: what they publish has one producer and the same number, so that it
/// stores the first and answers the other that it is there already.</para>
/// <para>The topic of a job that has ended stays ended, so that whoever comes back to it gets the correction and the end. Viewers whose
/// stream is over are told on the job's topic of corrections, after that:
/// a call that broke off between the two is put right when it is repeated, since a correction that is there already is published there all
/// the same, once.</para>
/// </remarks>
public sealed class CueCorrections(IEventPublisher publisher, IEventLog log)
{
    // Each round means that somebody else corrected the cue meanwhile.
    private const int MaxRounds = 4;

    /// <summary>Corrects a cue.</summary>
    /// <param name="id">The job.</param>
    /// <param name="cueId">The cue.</param>
    /// <param name="rev">The revision that is corrected.</param>
    /// <param name="text">The new text, normalized (<see cref="CueText.Normalize"/>).</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="EventStreamUnavailableException">Redis could not be reached in time. The call can be repeated.</exception>
    public async Task<CorrectionResult> CorrectAsync(JobId id, string cueId, int rev, string text, CancellationToken cancellationToken)
    {
        for (var round = 0; ; round++)
        {
            var cue = Find(await log.ReadStateAsync(id.Topic, cancellationToken), cueId);
            var isRepeat = cue is not null && cue.Rev == rev + 1 && cue.Text == text;
            if (cue is null)
                return new CorrectionResult(CorrectionOutcome.NotFound, null);
            if (cue.State == CueState.Partial)
                return new CorrectionResult(CorrectionOutcome.Partial, cue);
            if ((cue.Rev != rev && !isRepeat) || round == MaxRounds)
                return new CorrectionResult(CorrectionOutcome.Conflict, cue);
            // When each word was said is no longer known.
            var corrected = isRepeat ? cue : cue with { Rev = rev + 1, Text = text, Words = null };
            var message = EventMessage.Json(JobEvents.Cue, corrected, cueId);
            var options = new PublishOptions { ProducerId = $"correct-{cueId}", Sequence = corrected.Rev };
            if (
                !isRepeat
                && (await publisher.PublishAsync(id.Topic, message, options with { Amend = true }, cancellationToken)).Outcome
                    != PublishOutcome.Published
            )
                continue;
            await publisher.PublishAsync(id.CorrectionsTopic, message, options, cancellationToken);
            return new CorrectionResult(CorrectionOutcome.Corrected, corrected);
        }
    }

    private static Cue? Find(StatePage state, string cueId)
    {
        foreach (var entry in state.Events)
        {
            if (
                entry.Type == JobEvents.Cue
                && JsonSerializer.Deserialize<Cue>(entry.Payload.Span, JsonSerializerOptions.Web) is { } cue
                && cue.CueId == cueId
            )
                return cue;
        }
        return null;
    }
}
