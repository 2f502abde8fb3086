using EventStreams;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Subtitles.Jobs;
using Subtitles.Media;
using Tests.Fixtures;

namespace Tests.Contract;

/// <summary>The queue and a job's topic, changed together: the order, and what a crash between the two leaves behind.</summary>
public abstract class JobCommandsContract(RedisServers servers, RedisServerKind kind) : IAsyncLifetime
{
    private static readonly JobRequest Request = new("sample:tour", "en", JobPace.Fast, null, "a job");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly JobsOptions _options = new() { KeyPrefix = RedisServers.CreateKeyPrefix(), RedisTimeout = TimeSpan.FromSeconds(20) };
    private ConnectionMultiplexer _connection = null!;
    private Replica _replica = null!;
    private RedisJobQueue _queue = null!;
    private BreakablePublisher _publisher = null!;
    private JobCommands _commands = null!;

    public async ValueTask InitializeAsync()
    {
        var server = await servers.GetAsync(kind);
        _connection = await server.ConnectAsync();
        _replica = await Replica.StartAsync(server.ConnectionString, _options.KeyPrefix, "a", isDirect: false);
        _queue = new RedisJobQueue(_connection, Options.Create(_options), _time);
        _publisher = new BreakablePublisher(_replica.Publisher);
        _commands = new JobCommands(_queue, _publisher);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _replica.DisposeAsync();
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_announced_before_a_worker_can_have_it()
    {
        var claimed = false;
        _publisher.BeforePublish = async () => claimed = await _queue.ClaimAsync("w1", default) is not null;
        var submitted = await _commands.SubmitAsync(Request, null, default);
        Assert.True(submitted.Created);
        Assert.False(claimed, "The job could be claimed before job.queued was published.");
        Assert.Equal([JobEvents.Queued], await TypesAsync(submitted.Job.Id));
        Assert.Equal(submitted.Job.Id, (await _queue.ClaimAsync("w1", default))?.Job.Id);
    }

    [Fact]
    public async Task A_submission_with_a_key_is_made_once()
    {
        var first = await _commands.SubmitAsync(Request, "key", default);
        var second = await _commands.SubmitAsync(Request, "key", default);
        Assert.Equal((true, false), (first.Created, second.Created));
        Assert.Equal(first.Job, second.Job);
        Assert.Equal([JobEvents.Queued], await TypesAsync(first.Job.Id));
    }

    [Fact]
    public async Task A_submission_that_could_not_be_announced_is_not_made()
    {
        _publisher.Fails = Failure.Before;
        await Assert.ThrowsAsync<EventStreamUnavailableException>(() => _commands.SubmitAsync(Request, "key", default));
        Assert.Empty((await _queue.ListAsync(new JobQuery(10), default)).Jobs);
        _publisher.Fails = Failure.Never;
        Assert.True((await _commands.SubmitAsync(Request, "key", default)).Created);
    }

    [Theory]
    [InlineData(Failure.Never)]
    [InlineData(Failure.Before)]
    [InlineData(Failure.After)]
    public async Task A_deleted_job_leaves_nothing_but_the_word_that_it_is_gone(Failure failure)
    {
        var id = (await _commands.SubmitAsync(Request, null, default)).Job.Id;
        var lease = await _queue.ClaimAsync("w1", default);
        await _publisher.PublishAsync(
            id.Topic,
            EventMessage.Text("cue", "{\"text\":\"secret\"}") with
            {
                Key = "c0001",
            },
            new PublishOptions { FencingToken = lease!.Token }
        );
        await using var watcher = await _replica.OpenAsync(id.Topic);
        Assert.Equal("stream.open", (await watcher.NextEventAsync())?.Type);
        Assert.Equal(JobEvents.Queued, (await watcher.NextEventAsync())?.Type);
        Assert.Equal("cue", (await watcher.NextEventAsync())?.Type);

        using var folder = new TemporaryFolder();
        var options = Options.Create(new MediaOptions { Path = folder["media"] });
        var store = new FolderMediaStore(options);
        await store.SaveAsync(new MemoryStream([1]), ".wav", 10, id.Value, default);
        var removal = new JobRemoval(_queue, _publisher, store, new LiveMediaStore(options, _time));
        _publisher.Fails = failure;
        if (failure == Failure.Never)
            Assert.True(await removal.DeleteAsync(id, "api", default));
        else
            await Assert.ThrowsAsync<EventStreamUnavailableException>(() => removal.DeleteAsync(id, "api", default));
        _publisher.Fails = Failure.Never;
        Assert.Null(await _queue.GetAsync(id, default));
        if (failure != Failure.Never)
        {
            _time.Advance(_options.LeaseDuration + TimeSpan.FromSeconds(1));
            await removal.FinishAsync((await _queue.ClaimAsync("w2", default))!, default);
        }
        Assert.False(await removal.DeleteAsync(id, "api", default));

        Assert.Null(store.FindName(id.Value));
        Assert.Equal(JobEvents.Deleted, (await watcher.NextEventAsync())?.Type);
        Assert.Equal(StreamEventTypes.End, (await watcher.NextEventAsync())?.Type);
        Assert.Equal([JobEvents.Deleted, StreamEventTypes.End], await TypesAsync(id));
        Assert.Empty((await _replica.Log.ReadStateAsync(id.Topic)).Events);
        // What the worker has still in hand comes too late.
        var late = await _publisher.PublishAsync(
            id.Topic,
            EventMessage.Text("cue", "{}"),
            new PublishOptions { FencingToken = lease.Token }
        );
        Assert.Equal(PublishOutcome.Fenced, late.Outcome);
    }

    [Fact]
    public async Task A_canceled_waiting_job_ends_its_topic()
    {
        var id = (await _commands.SubmitAsync(Request, null, default)).Job.Id;
        var result = await _commands.CancelAsync(id, default);
        Assert.Equal((CancelOutcome.Leased, JobStatus.Canceled), (result.Outcome, result.Job!.Status));
        Assert.Equal([JobEvents.Queued, JobEvents.Canceled, StreamEventTypes.End], await TypesAsync(id));
        Assert.Equal(CancelOutcome.AlreadyEnded, (await _commands.CancelAsync(id, default)).Outcome);
    }

    [Theory]
    [InlineData(Failure.Before)]
    [InlineData(Failure.After)]
    public async Task A_cancel_that_broke_off_is_finished_by_a_worker(Failure failure)
    {
        var id = (await _commands.SubmitAsync(Request, null, default)).Job.Id;
        _publisher.Fails = failure;
        await Assert.ThrowsAsync<EventStreamUnavailableException>(() => _commands.CancelAsync(id, default));
        _publisher.Fails = Failure.Never;
        // A client that repeats the call meanwhile is told that it is on its way.
        Assert.Equal(CancelOutcome.Requested, (await _commands.CancelAsync(id, default)).Outcome);

        _time.Advance(_options.LeaseDuration);
        var lease = await _queue.ClaimAsync("w1", default);
        Assert.True(lease!.IsCancelRequested);
        await _publisher.PublishAsync(
            id.Topic,
            EventMessage.Json(JobEvents.Canceled, new JobCanceled(id)),
            new PublishOptions { FencingToken = lease.Token, End = true }
        );
        Assert.True(await _queue.CompleteCancelAsync(lease, default));
        Assert.Equal([JobEvents.Queued, JobEvents.Canceled, StreamEventTypes.End], await TypesAsync(id));
        Assert.Equal(JobStatus.Canceled, (await _queue.GetAsync(id, default))!.Status);
    }

    [Fact]
    public async Task A_worker_that_lost_the_job_cannot_write_after_its_cancel()
    {
        var id = (await _commands.SubmitAsync(Request, null, default)).Job.Id;
        var lost = await _queue.ClaimAsync("w1", default);
        await _queue.FailAsync(lost!, "x", true, default);
        await _commands.CancelAsync(id, default);
        await _commands.RetryAsync(id, default);
        var late = await _publisher.PublishAsync(
            id.Topic,
            EventMessage.Text("cue", "{}"),
            new PublishOptions { FencingToken = lost!.Token }
        );
        Assert.Equal(PublishOutcome.Fenced, late.Outcome);
    }

    [Theory]
    [InlineData(Failure.Never)]
    [InlineData(Failure.Before)]
    [InlineData(Failure.After)]
    public async Task A_retry_opens_the_topic_once_and_then_makes_the_job_ready(Failure failure)
    {
        var id = await FailAsync();
        _publisher.Fails = failure;
        if (failure != Failure.Never)
        {
            await Assert.ThrowsAsync<EventStreamUnavailableException>(() => _commands.RetryAsync(id, default));
            Assert.Null(await _queue.ClaimAsync("w1", default));
            _publisher.Fails = Failure.Never;
        }
        Assert.True(await _commands.RetryAsync(id, default) is { Changed: true, Job.Status: JobStatus.Queued });
        Assert.True(await _commands.RetryAsync(id, default) is { Changed: false });
        Assert.Equal([JobEvents.Queued, JobEvents.Failed, StreamEventTypes.End, JobEvents.Queued], await TypesAsync(id));
        Assert.Null((await _replica.Log.GetPositionAsync(id.Topic)).End);
        Assert.Equal(id, (await _queue.ClaimAsync("w1", default))?.Job.Id);
    }

    [Fact]
    public async Task Clients_that_retry_at_once_open_the_topic_once()
    {
        var id = await FailAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _commands.RetryAsync(id, default)));
        Assert.Single(answers, answer => answer is { Changed: true });
        Assert.Equal([JobEvents.Queued, JobEvents.Failed, StreamEventTypes.End, JobEvents.Queued], await TypesAsync(id));
        Assert.NotNull(await _queue.ClaimAsync("w1", default));
        Assert.Null(await _queue.ClaimAsync("w1", default));
    }

    [Fact]
    public async Task A_retry_that_another_one_overtakes_which_fails_at_once_is_a_retry_of_its_own()
    {
        var id = await FailAsync();
        _publisher.BeforePublish = async () =>
        {
            _publisher.BeforePublish = null;
            Assert.True(await _commands.RetryAsync(id, default) is { Changed: true });
            await FailAsync(id);
        };
        Assert.True(await _commands.RetryAsync(id, default) is { Changed: true, Job: { Status: JobStatus.Queued, Retries: 2 } });
        Assert.Null((await _replica.Log.GetPositionAsync(id.Topic)).End);
        Assert.Equal(id, (await _queue.ClaimAsync("w1", default))?.Job.Id);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_commanded()
    {
        Assert.Equal(CancelOutcome.NotFound, (await _commands.CancelAsync(JobId.Create(), default)).Outcome);
        Assert.Null(await _commands.RetryAsync(JobId.Create(), default));
    }

    /// <summary>A job that has failed, as a worker fails it.</summary>
    private async Task<JobId> FailAsync()
    {
        var id = (await _commands.SubmitAsync(Request, null, default)).Job.Id;
        await FailAsync(id);
        return id;
    }

    private async Task FailAsync(JobId id)
    {
        var lease = (await _queue.ClaimAsync("w1", default))!;
        await _publisher.PublishAsync(
            id.Topic,
            EventMessage.Json(JobEvents.Failed, new JobFailed(id, "x")),
            new PublishOptions { FencingToken = lease.Token, End = true }
        );
        await _queue.FailAsync(lease, "x", false, default);
    }

    private async Task<string[]> TypesAsync(JobId id) => [.. (await _replica.Log.ReadAsync(id.Topic, 0, 100)).Events.Select(e => e.Type)];

    /// <summary>When a publish loses its connection.</summary>
    public enum Failure
    {
        Never,
        Before,
        After,
    }

    /// <summary>The real publisher, with a connection that breaks when it is told to.</summary>
    private sealed class BreakablePublisher(IEventPublisher inner) : IEventPublisher
    {
        public Failure Fails { get; set; }

        public Func<Task>? BeforePublish { get; set; }

        public async ValueTask<PublishResult> PublishAsync(
            Topic topic,
            EventMessage message,
            PublishOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            if (BeforePublish is { } before)
                await before();
            if (Fails == Failure.Before)
                throw new EventStreamUnavailableException();
            var result = await inner.PublishAsync(topic, message, options, cancellationToken);
            return Fails == Failure.After ? throw new EventStreamUnavailableException() : result;
        }

        public ValueTask<IReadOnlyList<PublishResult>> PublishAsync(
            Topic topic,
            IReadOnlyList<EventMessage> messages,
            PublishOptions? options = null,
            CancellationToken cancellationToken = default
        ) => inner.PublishAsync(topic, messages, options, cancellationToken);

        public ValueTask<PublishResult> EndAsync(
            Topic topic,
            PublishOptions? options = null,
            CancellationToken cancellationToken = default
        ) => inner.EndAsync(topic, options, cancellationToken);
    }
}

public sealed class JobCommandsOnRedisTests(RedisServers servers) : JobCommandsContract(servers, RedisServerKind.Redis);

public sealed class JobCommandsOnGarnetTests(RedisServers servers) : JobCommandsContract(servers, RedisServerKind.Garnet);
