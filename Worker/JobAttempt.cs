using System.Diagnostics;
using EventStreams;
using Subtitles;
using Subtitles.Cues;
using Subtitles.Jobs;
using Subtitles.Transcription;

namespace Worker;

/// <summary>
/// The work of one attempt: find the media, choose the engine, publish its cues from where the last attempt ended. Returns when all cues
/// are published; how a job is ended is
/// <see cref="JobRunner"/>'s business.
/// </summary>
/// <remarks>
/// <c>job.started</c> goes out before the durable cues are read: it shows the log this attempt's token, and from then on no earlier worker
/// can add a cue that this one does not know of.
/// </remarks>
internal sealed class JobAttempt(
    JobLease lease,
    LeaseKeeper keeper,
    JobPublisher publisher,
    IEventLog log,
    TranscriberSelector selector,
    IMediaLocator media,
    WorkerTelemetry telemetry,
    double realtimeSpeed,
    TimeProvider time
)
{
    private static readonly TimeSpan FetchInterval = TimeSpan.FromMilliseconds(250);

    private readonly ProgressGate _gate = new(time);
    private readonly PartialGate _partials = new(time);
    private int _published;
    private int _rev;
    private Cue? _partial;

    /// <summary>The engine, once it is chosen.</summary>
    public string? Engine { get; private set; }

    /// <summary>Does the work and returns the number of cues that the job has then.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        keeper.Report("fetch", 0, lease.Job.Engine);
        LocatedMedia files;
        using (WorkerTelemetry.StartStep("job.fetch"))
            files = await LocateAsync(cancellationToken);

        var before = DurableCues.Read(await ReadStateAsync(cancellationToken));
        var request = CreateRequest(files, before);
        var transcriber = await selector.SelectAsync(request, before.Final > 0 ? lease.Job.Engine : null, cancellationToken);
        Engine = transcriber.Name;
        Activity.Current?.SetTag("subtitles.engine", Engine);
        await keeper.ReportEngineAsync(Engine);
        var language = await transcriber.FindLanguageAsync(request, cancellationToken);
        if (language is not null && language != lease.Job.Language)
            await keeper.ReportLanguageAsync(language);
        var started = new JobStarted(
            lease.Job.Id,
            lease.Job.Attempts,
            Engine,
            lease.Worker,
            language ?? LanguageTag.Automatic,
            request.Translate
        );
        await publisher.PublishAsync(JobEvents.Started, started, cancellationToken);

        var durable = DurableCues.Read(await ReadStateAsync(cancellationToken));
        if (durable.Final > 0 && before.Final == 0 && lease.Job.Engine is { } other && other != Engine)
            throw new TranscriptionException($"The engine {other} made cues of this job until a moment ago.", isTransient: true);
        (_published, _rev) = (durable.Final, durable.NextRev);
        // What was said on a live source while nobody listened is gone: the cues go on at the time that has passed.
        var offsetMs =
            request.IsPassing && durable.Final > 0
                ? Math.Max(durable.EndMs, (long)(time.GetUtcNow() - (lease.Job.FirstStartedAt ?? time.GetUtcNow())).TotalMilliseconds)
                : 0;
        var resumedMs = request.IsPassing ? 0 : durable.EndMs;
        request = request with { ResumeAfter = request.IsPassing ? default : durable.ResumePoint };
        var lastEndMs = durable.EndMs;
        using var step = WorkerTelemetry.StartStep("job.transcribe")?.SetTag("subtitles.engine", Engine);
        await foreach (var update in transcriber.TranscribeAsync(request, cancellationToken).WithCancellation(cancellationToken))
        {
            if (update.Language is { } detected)
            {
                await keeper.ReportLanguageAsync(detected);
                await publisher.TellLanguageAsync(detected, cancellationToken);
            }
            if (update.Cue is { State: CueState.Partial, Text: "" })
            {
                await WithdrawPartialAsync();
            }
            else if (update.Cue is { } cue && (cue.State == CueState.Final || _partials.TryPass()))
            {
                if (lease.Job.Request.Pace == JobPace.Realtime)
                    await WaitForPlaceAsync(began, cue.StartMs - resumedMs, cancellationToken);
                await PublishCueAsync(Shift(cue, offsetMs), cancellationToken);
                lastEndMs = Math.Max(lastEndMs, cue.EndMs);
            }
            await ReportAsync(update.Stage, update.Percent, Engine, cancellationToken);
        }
        if (durable.Final == 0 && lease.Job.Request.Pace == JobPace.Fast)
            telemetry.Finished(Engine, time.GetElapsedTime(began), TimeSpan.FromMilliseconds(lastEndMs));
        return _published;
    }

    /// <summary>What the engine is to do. An attempt that goes on does so in the language that an earlier one found.</summary>
    private TranscriptionRequest CreateRequest(LocatedMedia files, DurableCues before)
    {
        var found = before.Final > 0 ? lease.Job.DetectedLanguage : null;
        return new TranscriptionRequest(files.MediaPath, files.SideFilePath, found ?? lease.Job.Request.Language, before.ResumePoint)
        {
            Playlist = files.Playlist,
            Live = files.Live,
            HasWords = lease.Job.Request.HasWords,
            IsLanguageOpen = found is null && lease.Job.Request.IsLanguageOpen,
            Translate = lease.Job.Request.Translate,
        };
    }

    /// <summary>Finds the media, and tells how far its download is.</summary>
    private async Task<LocatedMedia> LocateAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var fetched = new FetchProgress();
        var locating = media.LocateAsync(lease.Job, fetched, end.Token);
        try
        {
            while (await Task.WhenAny(locating, Task.Delay(FetchInterval, time, CancellationToken.None)) != locating)
            {
                if (fetched.Percent > 0)
                    await ReportAsync("fetch", fetched.Percent, lease.Job.Engine, cancellationToken);
            }
            return await locating;
        }
        finally
        {
            await end.CancelAsync();
            await ((Task)locating).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReportAsync(string stage, double percent, string? engine, CancellationToken cancellationToken)
    {
        keeper.Report(stage, percent, engine);
        if (_gate.TryPass(stage, percent))
            await publisher.PublishAsync(
                JobEvents.Progress,
                new JobProgress(lease.Job.Id, stage, Math.Round(percent, 1)),
                cancellationToken
            );
    }

    private async Task PublishCueAsync(TranscribedCue cue, CancellationToken cancellationToken)
    {
        var published = new Cue(CueIds.At(_published), _rev, cue.State, cue.StartMs, cue.EndMs, cue.Text)
        {
            Words = cue.State == CueState.Final ? cue.Words : null,
        };
        await publisher.PublishCueAsync(_published, published, cancellationToken);
        if (cue.State == CueState.Partial)
        {
            _rev++;
            _partial = published;
            return;
        }
        _partial = null;
        if (_published == 0)
            telemetry.FirstCue(Engine!, time.GetUtcNow() - lease.Job.CreatedAt);
        _rev = 1;
        _published++;
        telemetry.CuePublished(Engine!);
    }

    private static TranscribedCue Shift(TranscribedCue cue, long ms) =>
        ms == 0
            ? cue
            : cue with
            {
                StartMs = cue.StartMs + ms,
                EndMs = cue.EndMs + ms,
                Words = cue.Words?.Select(w => w with { StartMs = w.StartMs + ms, EndMs = w.EndMs + ms }).ToList(),
            };

    /// <summary>The next cue has the same id, and a revision above that of the withdrawal.</summary>
    private async Task WithdrawPartialAsync()
    {
        if (_partial is null)
            return;
        await publisher.WithdrawAsync(_partial);
        _rev = _partial.Rev + 2;
        _partial = null;
    }

    /// <summary>An attempt that goes on counts from its own beginning, or its viewers would wait for all that they have seen
    /// already.</summary>
    private async Task WaitForPlaceAsync(long began, long placeMs, CancellationToken cancellationToken)
    {
        var wait = TimeSpan.FromMilliseconds(placeMs / realtimeSpeed) - time.GetElapsedTime(began);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, cancellationToken);
    }

    private Task<StatePage> ReadStateAsync(CancellationToken cancellationToken) =>
        keeper.PersistAsync(_ => log.ReadStateAsync(lease.Job.Id.Topic, cancellationToken).AsTask());

    /// <summary>How much of the media has come; told by the download, read here.</summary>
    private sealed class FetchProgress : IProgress<double>
    {
        private double _percent;

        public double Percent => Volatile.Read(ref _percent);

        public void Report(double value) => Volatile.Write(ref _percent, value);
    }
}
