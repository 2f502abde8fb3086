using System.Runtime.CompilerServices;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Media;
using Subtitles.Transcription;
using Tests.Fixtures;
using Worker;

namespace Tests.Integration.Worker;

/// <summary>A source that goes on while nobody listens.</summary>
public sealed class LiveSourceTests(RedisServers servers)
{
    [Fact]
    public async Task An_attempt_that_takes_over_goes_on_at_the_time_that_has_passed()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync();
        var live = new LiveMedia();
        await bench.RunNextAsync(bench.CreateRunner(new Broadcast(2, breaksOff: true), media: live));
        Assert.Equal(JobStatus.Retrying, await bench.StatusAsync(id));
        await bench.RunNextAsync(bench.CreateRunner(new Broadcast(2, breaksOff: false), media: live));

        var cues = await bench.CuesAsync(id);
        Assert.Equal([CueIds.At(0), CueIds.At(1), CueIds.At(2), CueIds.At(3)], cues.Select(c => c.CueId));
        Assert.Equal(["said 0", "said 1", "said 0", "said 1"], cues.Select(c => c.Text));
        Assert.All(cues.Zip(cues.Skip(1)), pair => Assert.True(pair.First.EndMs <= pair.Second.StartMs));
    }

    private sealed class LiveMedia : IMediaLocator
    {
        public Task<LocatedMedia> LocateAsync(Job job, IProgress<double> progress, CancellationToken cancellationToken) =>
            Task.FromResult(new LocatedMedia("", null, new Playlist(new Uri("http://live.example/a.m3u8"), IsLive: true)));
    }

    /// <summary>Hears what is said from now on, and counts its time from there, as a decoder does.</summary>
    private sealed class Broadcast(int cues, bool breaksOff) : ITranscriber
    {
        public string Name => "broadcast";

        public Task<string?> FindObstacleAsync(TranscriptionRequest request, CancellationToken cancellationToken) =>
            Task.FromResult<string?>(null);

        public async IAsyncEnumerable<TranscriptionUpdate> TranscribeAsync(
            TranscriptionRequest request,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            Assert.True(request.IsLive);
            Assert.Equal(default, request.ResumeAfter);
            await Task.Yield();
            for (var i = 0; i < cues; i++)
                yield return new TranscriptionUpdate(
                    "transcribe",
                    0,
                    new TranscribedCue(CueState.Final, i * 1000, i * 1000 + 900, $"said {i}")
                );
            if (breaksOff)
                throw new TranscriptionException("The source was gone for a moment.", isTransient: true);
        }
    }
}
