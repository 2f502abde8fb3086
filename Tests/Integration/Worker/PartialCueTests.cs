using System.Runtime.CompilerServices;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Transcription;
using Tests.Fixtures;

namespace Tests.Integration.Worker;

/// <summary>Cues that change while they are heard.</summary>
public sealed class PartialCueTests(RedisServers servers)
{
    private const int Partials = 300;

    [Fact]
    public async Task Partial_cues_come_at_most_five_a_second_and_the_final_one_has_the_same_id_and_the_highest_revision()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync();
        var before = TimeProvider.System.GetTimestamp();
        await bench.RunNextAsync(bench.CreateRunner(new Stammerer()));
        var seconds = TimeProvider.System.GetElapsedTime(before).TotalSeconds;

        var cues = await bench.CuesAsync(id);
        Assert.InRange(cues.Count(c => c.State == CueState.Partial), 2, 1 + (int)(seconds * 5));
        foreach (var (cue, number) in cues.GroupBy(c => c.CueId).Zip([1, 2]))
        {
            Assert.Equal(CueIds.At(number - 1), cue.Key);
            Assert.Equal(Enumerable.Range(1, cue.Count()), cue.Select(c => c.Rev));
            Assert.Equal((CueState.Final, $"said {number}"), (cue.Last().State, cue.Last().Text));
            Assert.All(cue.SkipLast(1), c => Assert.Equal(CueState.Partial, c.State));
        }
        Assert.Equal(2, cues.Select(c => c.CueId).Distinct().Count());
    }

    [Fact]
    public async Task A_partial_cue_is_withdrawn_when_its_job_ends_without_a_final_one_and_may_come_again()
    {
        await using var bench = await WorkerBench.CreateAsync(servers, maxAttempts: 1);
        var id = await bench.SubmitAsync();
        await bench.RunNextAsync(bench.CreateRunner(new Interrupted()));
        Assert.Equal("job.queued job.started cue cue.withdrawn job.failed stream.end", await bench.CourseAsync(id));
        Assert.DoesNotContain((await bench.Log.ReadStateAsync(id.Topic)).Events, e => e.Type == JobEvents.Cue);

        await bench.Commands.RetryAsync(id, default);
        await bench.RunNextAsync(bench.CreateRunner(new Interrupted()));
        Assert.Equal([1, 3], (await bench.CuesAsync(id)).Select(c => c.Rev));
    }

    /// <summary>Says half a sentence.</summary>
    private sealed class Interrupted : ITranscriber
    {
        public string Name => "interrupted";

        public Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<string?>(null);

        public async IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(
            TranscriptionRequest request,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await Task.Yield();
            yield return new TranscriptionUpdate("transcribe", 0, new TranscribedCue(CueState.Partial, 0, 900, "half a"));
            throw new TranscriptionException("The sound broke off.");
        }
    }

    /// <summary>An engine that says each of two cues in hundreds of steps.</summary>
    private sealed class Stammerer : ITranscriber
    {
        public string Name => "stammerer";

        public Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<string?>(null);

        public async IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(
            TranscriptionRequest request,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            for (var cue = 1; cue <= 2; cue++)
            {
                var start = cue * 1000L;
                for (var i = 0; i < Partials; i++)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(1), cancellationToken);
                    yield return new TranscriptionUpdate(
                        "transcribe",
                        0,
                        new TranscribedCue(CueState.Partial, start, start + 900, $"saying {cue} {i}")
                    );
                }
                yield return new TranscriptionUpdate(
                    "transcribe",
                    0,
                    new TranscribedCue(CueState.Final, start, start + 900, $"said {cue}")
                );
            }
        }
    }
}
