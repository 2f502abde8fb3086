using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Subtitles.Cues;
using Subtitles.Transcription.Speech;
using Subtitles.Transcription.Tools;

namespace Subtitles.Transcription.OpenAi;

/// <summary>
/// The engine <c>openai</c>: any service with OpenAI's <c>POST /audio/transcriptions</c>, and <c>/audio/translations</c> where English is
/// wanted. The sound is cut at its pauses, a few pieces are under way at a time, and the cues come in their order
/// while later pieces are still being heard. Memory holds as many pieces as are under way.
/// </summary>
internal sealed class OpenAiTranscriber(MediaTools tools, OpenAiClient client, IOptions<OpenAiOptions> options) : ITranscriber
{
    public const string EngineName = "openai";

    private readonly OpenAiOptions _options = options.Value;

    public string Name => EngineName;

    public bool DetectsLanguage => _options.IsConfigured;

    public bool Translates => _options is { IsConfigured: true, CanTranslate: true };

    public async Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken)
    {
        if (!_options.IsConfigured)
            return $"Set {OpenAiOptions.SectionName}:ApiKey for OpenAI's service, or {OpenAiOptions.SectionName}:BaseUrl for a compatible "
                + "one.";
        if (tools.Missing.Any())
            return "Install ffmpeg (on Debian: apt-get install ffmpeg), which cuts the sound into pieces.";
        return (await tools.ProbeAsync(request, cancellationToken)).HasSound ? null : "The media has no sound.";
    }

    public async IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(
        TranscriptionRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        yield return new TranscriptionUpdate("decode", 0);
        var duration = (await tools.ProbeAsync(request, cancellationToken)).Duration;
        using var language = new SpokenLanguage(request);
        await foreach (
            var update in CutAsync(request, cancellationToken)
                .SelectInOrderAsync<SoundSegment, TranscriptionUpdate>(_options.MaxInFlight, HearAsync, cancellationToken)
        )
            yield return update;
        yield return new TranscriptionUpdate("transcribe", 100);

        async Task HearAsync(SoundSegment segment, Action<TranscriptionUpdate> tell, CancellationToken token)
        {
            var wave = WaveFile.Write(segment.Samples, MediaTools.SampleRate);
            var answer = await language.HearAsync(
                spoken =>
                    client.TranscribeAsync(
                        wave,
                        spoken is null ? null : LanguageTag.Primary(spoken),
                        request.Translate,
                        text => TellPartial(segment, text, tell),
                        token
                    ),
                detected => tell(new TranscriptionUpdate("transcribe", PercentAt(segment.StartMs)) { Language = detected }),
                token
            );
            // The service need not give the same words twice: an attempt that goes on takes those that were said after the last durable
            // cue.
            var words = WordTimes.Of(answer, segment).Where(w => w.StartMs + w.EndMs >= 2 * request.ResumeAfter.SaidUntilMs).ToArray();
            var hasWords = request.HasWords && answer.Words is { Count: > 0 };
            foreach (var cue in CueShaper.Shape(words, segment.FreeUntilMs, language.OfCues, hasWords: hasWords))
                tell(new TranscriptionUpdate("transcribe", PercentAt(cue.EndMs), cue));
            tell(new TranscriptionUpdate("transcribe", PercentAt(segment.EndMs)));
        }

        // What was heard last, as far as a cue can hold it.
        void TellPartial(SoundSegment segment, string text, Action<TranscriptionUpdate> tell)
        {
            var words = WordTimes.Of(new OpenAiAnswer { Text = text }, segment);
            if (
                segment.StartMs < request.ResumeAfter.SaidUntilMs
                || CueShaper.Shape(words, segment.FreeUntilMs, language.OfCues) is not [.., { } last]
            )
                return;
            var partial = last with { State = CueState.Partial, StartMs = segment.StartMs, EndMs = segment.EndMs };
            tell(new TranscriptionUpdate("transcribe", PercentAt(segment.StartMs), partial));
        }

        double PercentAt(long ms) => duration is { } whole ? Math.Min(100, 100 * ms / whole.TotalMilliseconds) : 0;
    }

    private async IAsyncEnumerable<SoundSegment> CutAsync(
        TranscriptionRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var joiner = new SegmentJoiner(MediaTools.SampleRate, _options.SegmentDuration);
        await using var sound = tools.OpenSound(request, cancellationToken);
        await foreach (
            var utterance in UtteranceReader.ReadAsync(
                sound,
                request.IsLive ? UtteranceEnds.Live : UtteranceEnds.Recorded,
                cancellationToken
            )
        )
        {
            if (joiner.Add(utterance) is { } segment && IsWanted(segment))
                yield return segment;
            // Nobody waits for the next sentence of a live source.
            if (request.IsLive && joiner.Finish() is { } now)
                yield return now;
        }
        if (joiner.Finish() is { } last && IsWanted(last))
            yield return last;

        // The cuts are the same on every attempt; what is there already is not sent again.
        bool IsWanted(SoundSegment segment) => segment.EndMs > request.ResumeAfter.SaidUntilMs;
    }
}
