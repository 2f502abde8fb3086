using System.Runtime.CompilerServices;
using System.Text.Json;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Transcription;
using Tests.Fixtures;

namespace Tests.Integration.Worker;

/// <summary>Which language a job is told to be in, by an engine that detects it.</summary>
public sealed class LanguageTests(RedisServers servers)
{
    [Fact]
    public async Task A_detected_language_is_told_on_the_stream_in_the_state_and_by_the_job_before_the_first_cue()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await SubmitAsync(bench, "auto");
        Assert.Equal(
            ("auto", null),
            ((await bench.Queue.GetAsync(id, default))!.Language, (await bench.Queue.GetAsync(id, default))!.CueLanguage)
        );
        await bench.RunNextAsync(bench.CreateRunner(new Detecting("fr")));
        Assert.Equal("job.queued job.started job.language cue cue job.completed stream.end", await bench.CourseAsync(id));
        Assert.Equal("auto", Started(await bench.EventsAsync(id)).Language);
        var state = (await bench.Log.ReadStateAsync(id.Topic, default)).Events.Single(e => e.Type == JobEvents.Language);
        Assert.Equal(new JobLanguage(id, "fr"), JsonSerializer.Deserialize<JobLanguage>(state.Payload.Span, JsonSerializerOptions.Web));
        var job = (await bench.Queue.GetAsync(id, default))!;
        Assert.Equal(("fr", "fr", "auto"), (job.Language, job.CueLanguage, job.Request.Language));
    }

    [Fact]
    public async Task An_attempt_that_goes_on_goes_on_in_the_language_that_was_found()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await SubmitAsync(bench, "auto");
        await bench.RunNextAsync(bench.CreateRunner(new Detecting("fr", breaksAfter: 1)));
        var second = new Detecting("de");
        await bench.RunNextAsync(bench.CreateRunner(second));
        Assert.Equal("fr", second.Asked);
        Assert.Equal(
            "job.queued job.started job.language cue job.retrying job.started cue job.completed stream.end",
            await bench.CourseAsync(id)
        );
        Assert.Equal("fr", Started(await bench.EventsAsync(id)).Language);
        Assert.Equal("fr", (await bench.Queue.GetAsync(id, default))!.Language);
    }

    [Fact]
    public async Task A_language_that_is_named_is_told_at_the_start_and_a_translation_is_in_English()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await SubmitAsync(bench, "pt-BR", translate: true);
        await bench.RunNextAsync(bench.CreateRunner(new Detecting("fr")));
        Assert.Equal("job.queued job.started cue cue job.completed stream.end", await bench.CourseAsync(id));
        Assert.Equal(("pt-BR", true), (Started(await bench.EventsAsync(id)).Language, Started(await bench.EventsAsync(id)).Translate));
        var job = (await bench.Queue.GetAsync(id, default))!;
        Assert.Equal(("pt-BR", "en"), (job.Language, job.CueLanguage));
    }

    private static async Task<JobId> SubmitAsync(WorkerBench bench, string language, bool translate = false) =>
        (
            await bench.Commands.SubmitAsync(
                new JobRequest("sample:tour", language, JobPace.Fast, null, "a job") { Translate = translate },
                null,
                default
            )
        )
            .Job
            .Id;

    private static JobStarted Started(IReadOnlyList<EventStreams.StreamEvent> events) =>
        JsonSerializer.Deserialize<JobStarted>(events.Last(e => e.Type == JobEvents.Started).Payload.Span, JsonSerializerOptions.Web)!;

    /// <summary>An engine that hears a language when it is asked to detect one, and makes two cues.</summary>
    private sealed class Detecting(string heard, int breaksAfter = int.MaxValue) : ITranscriber
    {
        public string Name => "detecting";

        public bool DetectsLanguage => true;

        public bool Translates => true;

        public string? Asked { get; private set; }

        public Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<string?>(null);

        public async IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(
            TranscriptionRequest request,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            Asked = request.KnownLanguage;
            await Task.Yield();
            if (Asked is null)
                yield return new TranscriptionUpdate("transcribe", 0) { Language = heard };
            for (var i = request.ResumeAfter.Cues; i < 2; i++)
            {
                if (i == breaksAfter)
                    throw new TranscriptionException("It broke.", isTransient: true);
                yield return new TranscriptionUpdate(
                    "transcribe",
                    50 * i,
                    new TranscribedCue(CueState.Final, i * 1000, (i * 1000) + 900, $"cue {i + 1}")
                );
            }
        }
    }
}
