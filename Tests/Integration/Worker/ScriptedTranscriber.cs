using System.Runtime.CompilerServices;
using Subtitles.Cues;
using Subtitles.Transcription;

namespace Tests.Integration.Worker;

/// <summary>An engine that makes a given number of cues, a second each, and does what the test says before each of them.</summary>
internal sealed class ScriptedTranscriber(int cues, Func<int, CancellationToken, Task>? beforeCue = null) : ITranscriber
{
    public string Name => "scripted";

    public Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    public async IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(
        TranscriptionRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (var i = request.ResumeAfter.Cues; i < cues; i++)
        {
            if (beforeCue is not null)
                await beforeCue(i, cancellationToken);
            yield return new TranscriptionUpdate(
                "transcribe",
                100.0 * (i + 1) / cues,
                new TranscribedCue(CueState.Final, i * 1000, i * 1000 + 900, $"cue {i + 1}")
            );
        }
    }
}
