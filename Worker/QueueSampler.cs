using EventStreams;
using Subtitles.Jobs;

namespace Worker;

/// <summary>Looks at the length of the queue from time to time, for the gauges: these must answer at once.</summary>
internal sealed class QueueSampler(QueueStatistics statistics, WorkerTelemetry telemetry, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                telemetry.Queue = await statistics.ReadAsync(stoppingToken);
            }
            catch (EventStreamUnavailableException)
            {
                // A gauge without a value says so; the pump logs why.
                telemetry.Queue = null;
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }
}
