using EventStreams;
using Microsoft.Extensions.Logging.Abstractions;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Transcription;
using Tests.Fixtures;
using Worker;

namespace Tests.Integration.Worker;

/// <summary>Each way a job can go, and each place where a worker can die, on a real queue and log.</summary>
public sealed class JobRunnerTests(RedisServers servers)
{
    private const string Whole = "job.queued job.started cue cue cue job.completed stream.end";

    [Fact]
    public async Task A_job_is_completed_with_each_cue_once_and_its_topic_ended()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync();
        await bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(3)));
        Assert.Equal(Whole, await bench.CourseAsync(id));
        await bench.AssertCuesAsync(id, 3);
        var job = await bench.Queue.GetAsync(id, default);
        Assert.Equal((JobStatus.Completed, "scripted"), (job!.Status, job.Engine));
    }

    [Fact]
    public async Task Lost_answers_make_no_event_twice()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync();
        var publisher = new FlakyPublisher(bench.Publisher);
        await bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(3), publisher: publisher));
        Assert.True(publisher.LostAnswers >= 5);
        Assert.Equal(Whole, await bench.CourseAsync(id));
        Assert.Equal(JobStatus.Completed, await bench.StatusAsync(id));
    }

    [Fact]
    public async Task A_worker_cut_off_from_the_queue_stops_by_itself_and_another_goes_on()
    {
        await using var bench = await WorkerBench.CreateAsync(servers, lease: TimeSpan.FromSeconds(2));
        var id = await bench.SubmitAsync();
        var renewals = 0;
        var cutOff = new QueueOf(bench.Queue) { OnRenew = () => ++renewals <= 2 ? null : throw new EventStreamUnavailableException() };
        await bench.RunNextAsync(
            bench.CreateRunner(new ScriptedTranscriber(5, (i, token) => i < 2 ? Task.CompletedTask : Task.Delay(-1, token)), cutOff)
        );
        await bench.AssertCuesAsync(id, 2);

        await bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(5)));
        await bench.AssertCuesAsync(id, 5);
        Assert.Equal("job.queued job.started cue cue job.started cue cue cue job.completed stream.end", await bench.CourseAsync(id));
    }

    [Fact]
    public async Task A_worker_that_does_not_know_it_lost_its_lease_can_write_nothing()
    {
        await using var bench = await WorkerBench.CreateAsync(servers, lease: TimeSpan.FromSeconds(2));
        var id = await bench.SubmitAsync();
        var wake = new TaskCompletionSource();
        var ended = false;
        var deceived = new QueueOf(bench.Queue) { OnRenew = () => Task.FromResult(LeaseState.Held), OnEnd = () => ended = true };
        var stale = bench.RunNextAsync(
            bench.CreateRunner(new ScriptedTranscriber(5, (i, _) => i < 2 ? Task.CompletedTask : wake.Task), deceived)
        );
        await Eventually.HoldsAsync(async () => (await bench.CuesAsync(id)).Count == 2, "two cues are published");

        await bench.RunNextAsync(
            bench.CreateRunner(
                new ScriptedTranscriber(
                    5,
                    async (i, _) =>
                    {
                        if (i == 4)
                        {
                            wake.SetResult();
                            await stale;
                        }
                    }
                )
            )
        );
        await bench.AssertCuesAsync(id, 5);
        Assert.False(ended, "The stale worker must not end the job.");
        Assert.Equal(JobStatus.Completed, await bench.StatusAsync(id));
    }

    [Theory]
    [InlineData(JobStatus.Completed)]
    [InlineData(JobStatus.Failed)]
    [InlineData(JobStatus.Canceled)]
    public async Task A_death_between_the_topics_end_and_the_queues_is_put_right_without_a_word(JobStatus status)
    {
        await using var bench = await WorkerBench.CreateAsync(servers, lease: TimeSpan.FromSeconds(2));
        var id = await bench.SubmitAsync();
        var dying = new QueueOf(bench.Queue) { OnEnd = () => throw new EventStreamUnavailableException() };
        await bench.RunNextAsync(
            bench.CreateRunner(
                new ScriptedTranscriber(
                    3,
                    async (i, token) =>
                    {
                        if (i == 2 && status == JobStatus.Failed)
                            throw new TranscriptionException("The media is broken.");
                        if (i == 2 && status == JobStatus.Canceled)
                        {
                            await bench.Commands.CancelAsync(id, default);
                            await Task.Delay(-1, token);
                        }
                    }
                ),
                dying
            )
        );
        var course = await bench.CourseAsync(id);
        Assert.EndsWith("stream.end", course, StringComparison.Ordinal);
        Assert.Equal(JobStatus.Running, await bench.StatusAsync(id));

        await bench.RunNextAsync(
            bench.CreateRunner(new ScriptedTranscriber(3, (_, _) => throw new InvalidOperationException("Nothing is to be done.")))
        );
        Assert.Equal(status, await bench.StatusAsync(id));
        Assert.Equal(course, await bench.CourseAsync(id));
    }

    [Fact]
    public async Task A_cue_of_a_worker_that_does_not_know_that_it_was_replaced_is_refused()
    {
        await using var bench = await WorkerBench.CreateAsync(servers, lease: TimeSpan.FromSeconds(1));
        var id = await bench.SubmitAsync();
        var (late, lateAt) = await bench.ClaimAsync("late");
        var (next, nextAt) = await bench.ClaimAsync("next");
        // By its own clock the first worker still has its lease.
        await using var lateKeeper = new LeaseKeeper(
            bench.Queue,
            late,
            lateAt,
            TimeSpan.FromHours(1),
            TimeProvider.System,
            NullLogger.Instance
        );
        await using var nextKeeper = new LeaseKeeper(
            bench.Queue,
            next,
            nextAt,
            TimeSpan.FromHours(1),
            TimeProvider.System,
            NullLogger.Instance
        );
        await new JobPublisher(bench.Publisher, bench.Log, next, nextKeeper, TimeProvider.System, NullLogger.Instance).PublishCueAsync(
            0,
            CueAt(0),
            default
        );
        await Assert.ThrowsAsync<LeaseLostException>(() =>
            new JobPublisher(bench.Publisher, bench.Log, late, lateKeeper, TimeProvider.System, NullLogger.Instance).PublishCueAsync(
                1,
                CueAt(1),
                default
            )
        );
        Assert.Equal([CueIds.At(0)], (await bench.CuesAsync(id)).Select(cue => cue.CueId));

        static Cue CueAt(int index) => new(CueIds.At(index), 1, CueState.Final, index * 1000, (index * 1000) + 900, "Text.");
    }

    [Fact]
    public async Task Cancelling_a_running_job_stops_it()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync();
        var stopped = false;
        var run = bench.RunNextAsync(
            bench.CreateRunner(
                new ScriptedTranscriber(
                    5,
                    async (i, token) =>
                    {
                        if (i == 2)
                        {
                            await using var _ = token.Register(() => stopped = true);
                            await Task.Delay(-1, token);
                        }
                    }
                )
            )
        );
        await Eventually.HoldsAsync(async () => (await bench.CuesAsync(id)).Count == 2, "two cues are published");
        Assert.Equal(CancelOutcome.Requested, (await bench.Commands.CancelAsync(id, default)).Outcome);
        await run;
        Assert.True(stopped);
        Assert.Equal("job.queued job.started cue cue job.canceled stream.end", await bench.CourseAsync(id));
        Assert.Equal(JobStatus.Canceled, await bench.StatusAsync(id));

        await bench.Commands.RetryAsync(id, default);
        await bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(5)));
        await bench.AssertCuesAsync(id, 5);
        Assert.Equal(JobStatus.Completed, await bench.StatusAsync(id));
    }

    [Fact]
    public async Task A_shutdown_hands_the_job_back_at_once_and_the_attempt_does_not_count()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync();
        using var stopping = new CancellationTokenSource();
        var run = bench.RunNextAsync(
            bench.CreateRunner(new ScriptedTranscriber(4, (i, token) => i < 2 ? Task.CompletedTask : Task.Delay(-1, token))),
            stopping.Token
        );
        await Eventually.HoldsAsync(async () => (await bench.CuesAsync(id)).Count == 2, "two cues are published");
        await stopping.CancelAsync();
        await run;

        var lease = await bench.Queue.ClaimAsync("next", default);
        Assert.Equal(1, lease?.Job.Attempts);
        await bench.CreateRunner(new ScriptedTranscriber(4)).RunAsync(lease!, TimeProvider.System.GetTimestamp(), default);
        await bench.AssertCuesAsync(id, 4);
    }

    [Fact]
    public async Task A_passing_trouble_is_tried_again_and_told()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync();
        await bench.RunNextAsync(
            bench.CreateRunner(
                new ScriptedTranscriber(
                    3,
                    (i, _) => i < 1 ? Task.CompletedTask : throw new TranscriptionException("Busy.", isTransient: true)
                )
            )
        );
        Assert.Equal(JobStatus.Retrying, await bench.StatusAsync(id));
        await bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(3)));
        Assert.Equal("job.queued job.started cue job.retrying job.started cue cue job.completed stream.end", await bench.CourseAsync(id));
        await bench.AssertCuesAsync(id, 3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failure_for_good_or_at_the_last_attempt_ends_the_job(bool isTransient)
    {
        await using var bench = await WorkerBench.CreateAsync(servers, maxAttempts: isTransient ? 1 : 3);
        var id = await bench.SubmitAsync();
        await bench.RunNextAsync(
            bench.CreateRunner(new ScriptedTranscriber(3, (_, _) => throw new TranscriptionException("Say why.", isTransient)))
        );
        Assert.Equal("job.queued job.started job.failed stream.end", await bench.CourseAsync(id));
        var job = await bench.Queue.GetAsync(id, default);
        Assert.Equal((JobStatus.Failed, "Say why."), (job!.Status, job.Error));
    }

    [Fact]
    public async Task A_limit_that_ran_out_somewhere_is_a_failure_like_others()
    {
        await using var bench = await WorkerBench.CreateAsync(servers, maxAttempts: 2);
        var id = await bench.SubmitAsync();
        var runner = bench.CreateRunner(
            new ScriptedTranscriber(3, (_, _) => throw new TaskCanceledException("A connect took too long.", new TimeoutException()))
        );
        await bench.RunNextAsync(runner);
        await bench.RunNextAsync(runner);
        Assert.Equal("job.queued job.started job.retrying job.started job.failed stream.end", await bench.CourseAsync(id));
        Assert.Equal(2, (await bench.Queue.GetAsync(id, default))!.Attempts);
    }

    [Fact]
    public async Task A_job_whose_every_worker_vanished_is_given_up_without_more_work()
    {
        await using var bench = await WorkerBench.CreateAsync(servers, lease: TimeSpan.FromMilliseconds(500), maxAttempts: 1);
        var id = await bench.SubmitAsync();
        await bench.ClaimAsync("vanishes");
        // A longer lease than the one that just ran out: only the queue's clock matters here, and the test's machine may be slow.
        bench.Options.LeaseDuration = TimeSpan.FromSeconds(20);
        await bench.RunNextAsync(
            bench.CreateRunner(new ScriptedTranscriber(3, (_, _) => throw new InvalidOperationException("Nothing is to be done.")))
        );
        Assert.Equal("job.queued job.failed stream.end", await bench.CourseAsync(id));
        Assert.Equal(JobStatus.Failed, await bench.StatusAsync(id));
    }

    [Fact]
    public async Task A_redis_that_goes_away_and_comes_back_costs_nothing()
    {
        await using var server = await RedisServer.StartAsync(RedisServerKind.Redis, isPersistent: true);
        await using var bench = await WorkerBench.CreateAsync(server, lease: TimeSpan.FromMinutes(1));
        var id = await bench.SubmitAsync();
        Task? back = null;
        await bench.RunNextAsync(
            bench.CreateRunner(
                new ScriptedTranscriber(
                    20,
                    async (i, _) =>
                    {
                        if (i == 8)
                        {
                            await server.KillAsync();
                            // The work goes on while there is no Redis, and its next cue meets the outage.
                            back = Task.Run(server.RestartAsync, CancellationToken.None);
                        }
                    }
                )
            )
        );
        await back!;
        await bench.AssertCuesAsync(id, 20);
        Assert.Equal(JobStatus.Completed, await bench.StatusAsync(id));
        Assert.DoesNotContain("retrying", await bench.CourseAsync(id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cue_that_a_crashed_server_has_forgotten_is_published_again()
    {
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var bench = await WorkerBench.CreateAsync(server);
        var id = await bench.SubmitAsync();
        var connection = await server.ConnectAsync();
        await bench.RunNextAsync(
            bench.CreateRunner(
                new ScriptedTranscriber(
                    6,
                    async (i, _) =>
                    {
                        if (i != 4)
                            return;
                        // As after a crash: what was written last is gone, and with it all that the server knew of it.
                        foreach (var key in connection.GetServers()[0].Keys(pattern: $"*{id}*"))
                            await connection.GetDatabase().KeyDeleteAsync(key);
                    }
                )
            )
        );
        Assert.Equal(
            Enumerable.Range(0, 6).Select(CueIds.At),
            (await bench.CuesAsync(id)).Select(c => c.CueId).Order(StringComparer.Ordinal)
        );
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task In_real_time_no_cue_comes_before_its_place()
    {
        await using var bench = await WorkerBench.CreateAsync(servers);
        var id = await bench.SubmitAsync(JobPace.Realtime);
        await bench.RunNextAsync(bench.CreateRunner(new ScriptedTranscriber(2)));
        var events = await bench.EventsAsync(id);
        var (started, second) = (events.First(e => e.Type == JobEvents.Started), events.Last(e => e.Type == JobEvents.Cue));
        // The second cue starts at 1 s, counted from just before job.started; the difference allows for the time that publishing that took.
        Assert.True(
            second.PublishedAt - started.PublishedAt > TimeSpan.FromMilliseconds(500),
            $"{second.PublishedAt - started.PublishedAt}"
        );
    }
}
