using System.Runtime.CompilerServices;
using Subtitles.Cues;
using Subtitles.Transcription.Speech;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription.PocketSphinx;

/// <summary>Cues of speech that is heard while it is spoken: partial ones until an utterance ends, then those that stay.</summary>
internal static class LiveTranscription
{
    // What an attempt that goes on listens to again, so that the recogniser knows the voice: an utterance at least.
    private const long WarmUpMs = 15_000;

    public static async IAsyncEnumerable<TranscriptionUpdate> RunAsync(
        TranscriptionRequest request,
        MediaTools tools,
        TranscriptionOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return new TranscriptionUpdate("decode", 0);
        await using var recognizer = LiveRecognizer.Start(options, cancellationToken);
        await using var sound = tools.OpenSound(request, cancellationToken);
        var durableMs = request.ResumeAfter.SaidUntilMs;
        var freeFromMs = durableMs;
        var pieces = UtteranceReader
            .ReadPiecesAsync(sound, UtteranceEnds.Live, cancellationToken)
            .Where(p => p.StartMs >= durableMs - WarmUpMs);
        var hasPartial = false;
        yield return new TranscriptionUpdate("transcribe", 0);
        await foreach (var heard in recognizer.HearAsync(pieces, cancellationToken))
        {
            // Words that lie mostly within what is durable, or behind the place where an utterance without a pause was cut, belong to
            // another one.
            var words = heard
                .Words.Where(w => Middle(w) >= durableMs && (heard.Ended is null || Middle(w) < heard.Ended.EndMs))
                .Select(w => w.NotBefore(freeFromMs))
                .ToArray();
            if (heard.Ended is not { } utterance)
            {
                if (words.Length > 0)
                {
                    hasPartial = true;
                    var last = CueShaper.Shape(words, words[^1].EndMs, PocketSphinxTranscriber.OnlyLanguage)[^1];
                    yield return new TranscriptionUpdate("transcribe", 0, last with { State = CueState.Partial });
                }
                continue;
            }
            foreach (
                var cue in CueShaper.Shape(words, utterance.FreeUntilMs, PocketSphinxTranscriber.OnlyLanguage, hasWords: request.HasWords)
            )
            {
                hasPartial = false;
                yield return new TranscriptionUpdate("transcribe", 0, cue);
            }
            if (hasPartial)
                yield return new TranscriptionUpdate(
                    "transcribe",
                    0,
                    new TranscribedCue(CueState.Partial, utterance.StartMs, utterance.EndMs, "")
                );
            hasPartial = false;
            freeFromMs = Math.Max(freeFromMs, utterance.FreeUntilMs);
        }
        yield return new TranscriptionUpdate("transcribe", 100);
    }

    private static long Middle(SpokenWord word) => (word.StartMs + word.EndMs) / 2;
}
