using System.Text.Json;
using EventStreams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Media;
using Subtitles.Transcription;
using Subtitles.Webhooks;
using Tests.Fixtures;
using Worker;

namespace Tests.Integration.Worker;

/// <summary>Workers on a real queue and a real log, with a scripted engine.</summary>
internal sealed class WorkerBench : IAsyncDisposable
{
    private readonly IHost _host;

    private WorkerBench(IHost host) => _host = host;

    public IJobQueue Queue => Get<IJobQueue>();

    public IEventPublisher Publisher => Get<IEventPublisher>();

    public IEventLog Log => Get<IEventLog>();

    public WorkerTelemetry Telemetry => Get<WorkerTelemetry>();

    public QueueStatistics Statistics => Get<QueueStatistics>();

    public System.Diagnostics.Metrics.IMeterFactory Meters => Get<System.Diagnostics.Metrics.IMeterFactory>();

    public JobsOptions Options => Get<IOptions<JobsOptions>>().Value;

    public static async Task<WorkerBench> CreateAsync(RedisServers servers, TimeSpan? lease = null, int maxAttempts = 3) =>
        await CreateAsync(await servers.GetAsync(RedisServerKind.Redis), lease, maxAttempts);

    public static async Task<WorkerBench> CreateAsync(RedisServer server, TimeSpan? lease = null, int maxAttempts = 3)
    {
        var prefix = RedisServers.CreateKeyPrefix();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?>
            {
                ["ConnectionStrings:redis"] = server.ConnectionString,
                ["EventStreams:KeyPrefix"] = prefix,
                ["Jobs:KeyPrefix"] = prefix,
                ["Jobs:LeaseDuration"] = (lease ?? TimeSpan.FromSeconds(20)).ToString("c"),
                ["Jobs:MaxAttempts"] = maxAttempts.ToString(),
                ["Jobs:RetryDelay"] = "00:00:00.010",
            }
        );
        var connection = await server.ConnectAsync();
        builder.Services.AddSingleton<StackExchange.Redis.IConnectionMultiplexer>(_ => connection);
        builder.AddEventPublisher("redis");
        builder.AddSubtitleJobs();
        builder.Services.AddSingleton<WorkerTelemetry>();
        return new WorkerBench(builder.Build());
    }

    public JobRunner CreateRunner(
        ITranscriber transcriber,
        IJobQueue? queue = null,
        IEventPublisher? publisher = null,
        IMediaLocator? media = null
    ) => CreateRunner(SpeechTools.Selector(transcriber), queue, publisher, media);

    public JobRunner CreateRunner(
        TranscriberSelector selector,
        IJobQueue? queue = null,
        IEventPublisher? publisher = null,
        IMediaLocator? media = null
    ) =>
        new(
            queue ?? Queue,
            publisher ?? Publisher,
            Log,
            selector,
            media ?? new NoMedia(),
            Get<JobRemoval>(),
            Get<WorkerTelemetry>(),
            Get<IOptions<JobsOptions>>(),
            Get<IOptions<WorkerOptions>>(),
            TimeProvider.System,
            NullLogger<JobRunner>.Instance
        );

    /// <summary>Delivers webhooks as a worker does, to this machine as well, and quickly.</summary>
    public WebhookPump CreateWebhookPump(Action<WebhookOptions>? configure = null, bool allowPrivate = true)
    {
        var options = new WebhookOptions
        {
            PollInterval = TimeSpan.FromMilliseconds(20),
            RetryDelay = TimeSpan.FromMilliseconds(50),
            Timeout = TimeSpan.FromSeconds(5),
        };
        configure?.Invoke(options);
        var wrapped = Microsoft.Extensions.Options.Options.Create(options);
        var guard = new SourceAddressGuard(
            Microsoft.Extensions.Options.Options.Create(new MediaOptions { AllowPrivateAddresses = allowPrivate })
        );
        return new WebhookPump(
            new WebhookOutbox(
                Get<StackExchange.Redis.IConnectionMultiplexer>(),
                Get<IOptions<JobsOptions>>(),
                wrapped,
                TimeProvider.System
            ),
            new WebhookSender(guard, wrapped, TimeProvider.System),
            Get<WorkerTelemetry>(),
            wrapped,
            TimeProvider.System,
            NullLogger<WebhookPump>.Instance
        );
    }

    /// <summary>How often a webhook was tried, as the queue counts it.</summary>
    public async Task<int> CountWebhookTriesAsync(JobId id)
    {
        var document = await Get<StackExchange.Redis.IConnectionMultiplexer>()
            .GetDatabase()
            .HashGetAsync(new JobKeys(Options.KeyPrefix).Documents, id.Value);
        return int.Parse(JsonDocument.Parse((byte[])document!).RootElement.GetProperty("webhookAttempts").GetString()!);
    }

    public JobCommands Commands => Get<JobCommands>();

    public Task<JobId> SubmitAsync(JobPace pace = JobPace.Fast) => SubmitAsync("sample:tour", pace);

    /// <summary>Submits the sample without its side file, so that it is transcribed.</summary>
    public Task<JobId> SubmitSpeechAsync() => SubmitAsync("sample:tour-speech", JobPace.Fast);

    /// <summary>Waits for a job to be ready, claims it and runs it.</summary>
    public async Task RunNextAsync(JobRunner runner, CancellationToken stopping = default)
    {
        var (lease, claimedAt) = await ClaimAsync();
        // Longer than any job of a test, so that one that does not end is a test that fails.
        await runner.RunAsync(lease, claimedAt, stopping).WaitAsync(TimeSpan.FromMinutes(2), CancellationToken.None);
    }

    /// <summary>Claims the next job, with the time before the call that gave it (not before the wait: the lease is counted from
    /// there).</summary>
    public async Task<(JobLease Lease, long ClaimedAt)> ClaimAsync(string worker = "w")
    {
        JobLease? lease = null;
        var claimedAt = 0L;
        await Eventually.HoldsAsync(
            async () =>
            {
                claimedAt = TimeProvider.System.GetTimestamp();
                lease = await Queue.ClaimAsync(worker, default);
                return lease is not null;
            },
            "a job is ready"
        );
        return (lease!, claimedAt);
    }

    public async Task<JobStatus> StatusAsync(JobId id) => (await Queue.GetAsync(id, default))!.Status;

    public async Task<IReadOnlyList<StreamEvent>> EventsAsync(JobId id) => (await Log.ReadAsync(id.Topic, 0, 10_000)).Events;

    /// <summary>The types of the topic's events, without progress.</summary>
    public async Task<string> CourseAsync(JobId id) =>
        string.Join(' ', (await EventsAsync(id)).Select(e => e.Type).Where(t => t != JobEvents.Progress));

    public async Task<IReadOnlyList<Cue>> CuesAsync(JobId id) =>
        [
            .. (await EventsAsync(id))
                .Where(e => e.Type == JobEvents.Cue)
                .Select(e => JsonSerializer.Deserialize<Cue>(e.Payload.Span, JsonSerializerOptions.Web)!),
        ];

    /// <summary>The job has each of its cues once and in order.</summary>
    public async Task AssertCuesAsync(JobId id, int count) =>
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => (CueIds.At(i), $"cue {i + 1}")),
            (await CuesAsync(id)).Select(c => (c.CueId, c.Text))
        );

    public async ValueTask DisposeAsync()
    {
        var connection = Get<StackExchange.Redis.IConnectionMultiplexer>();
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
        await connection.DisposeAsync();
    }

    public async Task<JobId> SubmitAsync(JobWebhook webhook) =>
        (await Commands.SubmitAsync(new JobRequest("sample:tour", "en", JobPace.Fast, null, "a job", webhook), null, default)).Job.Id;

    private async Task<JobId> SubmitAsync(string source, JobPace pace) =>
        (await Commands.SubmitAsync(new JobRequest(source, "en", pace, null, "a job"), null, default)).Job.Id;

    private T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    private sealed class NoMedia : IMediaLocator
    {
        public Task<LocatedMedia> LocateAsync(Job job, IProgress<double> progress, CancellationToken cancellationToken) =>
            Task.FromResult(new LocatedMedia("none", null));
    }
}
