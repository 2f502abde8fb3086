using Subtitles.Jobs;
using Tests.Fixtures;

namespace Tests.Integration.Worker;

/// <summary>Worker processes with the real engine on the real sample.</summary>
public sealed class WorkerProcessTests(RedisServers servers, ITestOutputHelper output)
{
    [Fact]
    public async Task After_kill_9_and_after_sigterm_another_worker_goes_on_with_the_very_same_cues()
    {
        SpeechTools.Require("ffmpeg", "pocketsphinx_batch");
        await using var bench = await WorkerBench.CreateAsync(servers, lease: TimeSpan.FromSeconds(3));
        var server = await servers.GetAsync(RedisServerKind.Redis);
        Dictionary<string, string> settings = new()
        {
            ["EventStreams__KeyPrefix"] = bench.Options.KeyPrefix,
            ["Jobs__KeyPrefix"] = bench.Options.KeyPrefix,
            ["Jobs__LeaseDuration"] = "00:00:03",
            ["Worker__Concurrency"] = "1",
        };

        var undisturbed = await bench.SubmitSpeechAsync();
        var disturbed = JobId.Create();
        await using (var first = await WorkerProcess.StartAsync(server, settings))
        {
            await Eventually.HoldsAsync(
                async () => await bench.StatusAsync(undisturbed) == JobStatus.Completed,
                "the first job is completed",
                TimeSpan.FromMinutes(2)
            );
            disturbed = await bench.SubmitSpeechAsync();
            await HasCuesAsync(bench, disturbed, 3);
            await first.KillAsync();
        }
        Assert.Equal(JobStatus.Running, await bench.StatusAsync(disturbed));
        await using (var second = await WorkerProcess.StartAsync(server, settings))
        {
            await HasCuesAsync(bench, disturbed, 6);
            Assert.Equal(0, await second.StopAsync());
            output.WriteLine(second.Output);
        }
        Assert.Equal(JobStatus.Queued, await bench.StatusAsync(disturbed));
        await using (var third = await WorkerProcess.StartAsync(server, settings))
            await Eventually.HoldsAsync(
                async () => await bench.StatusAsync(disturbed) == JobStatus.Completed,
                "the second job is completed",
                TimeSpan.FromMinutes(2)
            );

        var course = await bench.CourseAsync(disturbed);
        output.WriteLine(course);
        Assert.Equal(3, course.Split(' ').Count(t => t == JobEvents.Started));
        Assert.EndsWith("job.completed stream.end", course, StringComparison.Ordinal);
        Assert.True((await bench.CuesAsync(undisturbed)).Count > 6);
        Assert.Equal(await bench.CuesAsync(undisturbed), await bench.CuesAsync(disturbed));
    }

    [Fact]
    public async Task Malformed_settings_end_the_start_with_a_sentence()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await WorkerProcess.StartAsync(await servers.GetAsync(RedisServerKind.Redis), [new("Transcription__Engine", "telepathy")])
        );
        Assert.Contains("Transcription:Engine is 'telepathy'; it must be one of", failure.Message, StringComparison.Ordinal);
    }

    private static Task HasCuesAsync(WorkerBench bench, JobId id, int count) =>
        Eventually.HoldsAsync(
            async () => (await bench.CuesAsync(id)).Count >= count,
            $"{count} cues are published",
            TimeSpan.FromMinutes(2)
        );
}
