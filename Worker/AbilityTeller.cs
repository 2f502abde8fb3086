using EventStreams;
using Subtitles.Jobs;
using Subtitles.Transcription;

namespace Worker;

/// <summary>Tells every few seconds what the engines of this worker can do.</summary>
internal sealed partial class AbilityTeller(
    WorkerAbilities abilities,
    TranscriberSelector selector,
    TimeProvider time,
    ILogger<AbilityTeller> logger
) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await abilities.TellAsync(selector.Abilities, stoppingToken);
            }
            catch (EventStreamUnavailableException e)
            {
                LogNotTold(e.Message);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What this worker can do could not be told: {Reason}")]
    private partial void LogNotTold(string reason);
}
