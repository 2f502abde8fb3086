using EventStreams;
using Subtitles.Cues;
using Subtitles.Jobs;

namespace Worker;

/// <summary>
/// Publishes one attempt's events on the job's topic. Every publish carries the lease's token, so the log refuses it once another worker
/// has published; that ends the work (<see cref="LeaseLostException"/>). While Redis cannot be reached, the same event with the same number
/// is tried again as long as the lease is held; the log drops the repetition of one that had arrived.
/// </summary>
internal sealed partial class JobPublisher(
    IEventPublisher publisher,
    IEventLog log,
    JobLease lease,
    LeaseKeeper keeper,
    TimeProvider time,
    ILogger logger
)
{
    private const string CueProducer = "cues";
    private const int RevisionsOfCue = 1000;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);

    private readonly string _attemptProducer = $"attempt-{lease.Token}";
    private readonly string _restoringProducer = $"restore-{lease.Token}";
    private readonly List<Cue> _finals = [];
    private long _sequence;
    private long _restored;

    /// <summary>Publishes an event of the job's course.</summary>
    /// <param name="type">One of <see cref="JobEvents"/>.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="cancellationToken">Cancels the publish.</param>
    public Task PublishAsync<T>(string type, T payload, CancellationToken cancellationToken) =>
        SendAsync(
            EventMessage.Json(type, payload),
            new PublishOptions
            {
                ProducerId = _attemptProducer,
                Sequence = ++_sequence,
                FencingToken = lease.Token,
            },
            cancellationToken
        );

    /// <summary>Tells the language that was detected. It stands in the topic's state.</summary>
    public Task TellLanguageAsync(string language, CancellationToken cancellationToken) =>
        SendAsync(
            EventMessage.Json(JobEvents.Language, new JobLanguage(lease.Job.Id, language), JobLanguage.Key),
            new PublishOptions
            {
                ProducerId = _attemptProducer,
                Sequence = ++_sequence,
                FencingToken = lease.Token,
            },
            cancellationToken
        );

    /// <summary>Takes a partial cue back. It replaces the cue in the topic's state.</summary>
    public Task WithdrawAsync(Cue cue) =>
        SendAsync(
            EventMessage.Json(JobEvents.CueWithdrawn, new CueWithdrawn(cue.CueId, cue.Rev + 1), cue.CueId),
            new PublishOptions
            {
                ProducerId = _attemptProducer,
                Sequence = ++_sequence,
                FencingToken = lease.Token,
            },
            CancellationToken.None
        );

    /// <summary>Publishes the event that ends the job, and ends its topic in the same step.</summary>
    public Task EndAsync<T>(string type, T payload) =>
        SendAsync(
            EventMessage.Json(type, payload),
            new PublishOptions
            {
                ProducerId = _attemptProducer,
                Sequence = ++_sequence,
                FencingToken = lease.Token,
                End = true,
            },
            CancellationToken.None
        );

    /// <summary>
    /// Publishes a cue. Its number follows from its place and revision alone, so that two attempts give it the same one and it is in the
    /// log once whichever was first.
    /// </summary>
    public async Task PublishCueAsync(int index, Cue cue, CancellationToken cancellationToken)
    {
        // A final cue has the last number of its place: however many partial ones there were, it comes after them.
        var number = cue.State == CueState.Final ? RevisionsOfCue - 1 : Math.Min(cue.Rev, RevisionsOfCue - 2);
        await SendAsync(
            EventMessage.Json(JobEvents.Cue, cue, cue.CueId),
            new PublishOptions
            {
                ProducerId = CueProducer,
                Sequence = ((long)index * RevisionsOfCue) + number,
                FencingToken = lease.Token,
            },
            cancellationToken
        );
        if (cue.State == CueState.Final)
            _finals.Add(cue);
    }

    /// <summary>
    /// Publishes the cues of this attempt again that the log has lost: a server that crashes forgets what it had not written to its disk,
    /// up to a second. They come under a number of their own, since the numbers of later cues may be known already.
    /// </summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        if (_finals.Count == 0)
            return;
        var state = await log.ReadStateAsync(lease.Job.Id.Topic, cancellationToken);
        var there = DurableCues.IdsOf(state);
        foreach (var cue in _finals.Where(c => !there.Contains(c.CueId)))
        {
            LogLostCue(cue.CueId, lease.Job.Id.Value);
            await publisher.PublishAsync(
                lease.Job.Id.Topic,
                EventMessage.Json(JobEvents.Cue, cue, cue.CueId),
                new PublishOptions
                {
                    ProducerId = _restoringProducer,
                    Sequence = ++_restored,
                    FencingToken = lease.Token,
                },
                cancellationToken
            );
        }
    }

    private async Task SendAsync(EventMessage message, PublishOptions options, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(keeper.Lost, cancellationToken);
        var wasAway = false;
        for (var delay = FirstDelay; ; delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay)
        {
            try
            {
                // First what is missing, so that the cues stand in their order.
                if (wasAway)
                    await RestoreAsync(stop.Token);
                var result = await publisher.PublishAsync(lease.Job.Id.Topic, message, options, stop.Token);
                if (result.IsStored || (options.End && result.Outcome == PublishOutcome.Ended))
                    return;
                keeper.MarkLost();
                throw new LeaseLostException(
                    result.Outcome == PublishOutcome.Fenced
                        ? "Another worker has taken the job over."
                        : "The job's topic was ended by someone else."
                );
            }
            catch (EventStreamUnavailableException e)
            {
                LogUnavailable(message.Type, lease.Job.Id.Value, e);
                wasAway = true;
            }
            await Task.Delay(delay, time, stop.Token);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{CueId} of job {JobId} is no longer in the log; publishing it again.")]
    private partial void LogLostCue(string cueId, string jobId);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{EventType} of job {JobId} could not be published; trying again with the same number."
    )]
    private partial void LogUnavailable(string eventType, string jobId, Exception exception);
}
