using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Subtitles.Transcription.Speech;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription.PocketSphinx;

/// <summary>
/// The engine <c>pocketsphinx</c>: an offline draft of English speech, from Debian's packages pocketsphinx and pocketsphinx-en-us, with
/// ffmpeg decoding. The sound is cut at its pauses and recognised utterance by utterance, so that cues come while the work runs; memory
/// holds one utterance.
/// </summary>
internal sealed class PocketSphinxTranscriber(MediaTools tools, IOptions<TranscriptionOptions> options) : ITranscriber
{
    public const string EngineName = "pocketsphinx";
    public const string OnlyLanguage = "en";

    private readonly TranscriptionOptions _options = options.Value;

    public string Name => EngineName;

    public async Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken)
    {
        if (!request.IsLanguageOpen && !LanguageTag.AreSame(request.Language, OnlyLanguage))
            return $"It knows English only, and the job's language is '{request.Language}'; send a subtitle side file, or configure "
                + "another engine.";
        string[] missing = [.. tools.Missing, .. MissingOwn()];
        if (missing.Length > 0)
            return $"Install {string.Join(", ", missing)} (on Debian: apt-get install {string.Join(' ', missing)}), "
                + "or send a subtitle side file.";
        return (await tools.ProbeAsync(request, cancellationToken)).HasSound ? null : "The media has no sound.";
    }

    public Task<string?> FindLanguageAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(request.KnownLanguage ?? OnlyLanguage);

    public IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
        request.IsLive
            ? LiveTranscription.RunAsync(request, tools, _options, cancellationToken)
            : TranscribeWholeAsync(request, cancellationToken);

    private async IAsyncEnumerable<TranscriptionUpdate> TranscribeWholeAsync(
        TranscriptionRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return new TranscriptionUpdate("decode", 0);
        var duration = (await tools.ProbeAsync(request, cancellationToken)).Duration;
        await using var sound = tools.OpenSound(request, cancellationToken);
        await using var decoder = PocketSphinxDecoder.Start(_options, cancellationToken);
        var (freeFromMs, reachedMs) = (0L, 0L);
        await foreach (var utterance in UtteranceReader.ReadAsync(sound, UtteranceEnds.Recorded, cancellationToken))
        {
            // An attempt that goes on cuts from the beginning as well, which is cheap and gives the same cuts, but recognises only what is
            // not there yet.
            if (utterance.EndMs > request.ResumeAfter.EndMs)
            {
                var words = (await decoder.DecodeAsync(utterance, cancellationToken)).Select(w => w.NotBefore(freeFromMs)).ToArray();
                var cues = CueShaper.Shape(words, utterance.FreeUntilMs, OnlyLanguage, hasWords: request.HasWords);
                foreach (var cue in cues.Where(c => c.StartMs >= request.ResumeAfter.EndMs))
                    yield return new TranscriptionUpdate("transcribe", PercentAt(cue.EndMs), cue);
            }
            freeFromMs = utterance.FreeUntilMs;
            yield return new TranscriptionUpdate("transcribe", PercentAt(utterance.EndMs));
        }
        yield return new TranscriptionUpdate("transcribe", 100);

        // A cue may stay on the screen beyond its utterance; progress never goes back.
        double PercentAt(long ms)
        {
            reachedMs = Math.Max(reachedMs, ms);
            return duration is { } whole ? Math.Min(100, 100 * reachedMs / whole.TotalMilliseconds) : 0;
        }
    }

    private IEnumerable<string> MissingOwn()
    {
        if (!ProgramFinder.Exists(_options.PocketSphinx) || !DecoderProgram.IsLibraryInstalled)
            yield return "pocketsphinx";
        if (!Directory.Exists(Path.Combine(_options.PocketSphinxModel, "en-us")))
            yield return "pocketsphinx-en-us";
    }
}
