using EventStreams;
using Microsoft.Extensions.Options;
using Subtitles.Jobs;

namespace Worker;

/// <summary>Claims jobs and runs them, as many at a time as <see cref="WorkerOptions.Concurrency"/> says. At shutdown every job is handed
/// back before it returns.</summary>
internal sealed partial class JobPump(
    IJobQueue queue,
    JobRunner runner,
    IOptions<WorkerOptions> options,
    IOptions<EventStreamsOptions> eventStreams,
    TimeProvider time,
    ILogger<JobPump> logger
) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.Concurrency).Select(_ => PumpAsync(stoppingToken)));

    private async Task PumpAsync(CancellationToken stopping)
    {
        var worker = options.Value.Name ?? eventStreams.Value.ReplicaId!;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var before = time.GetTimestamp();
                if (await queue.ClaimAsync(worker, stopping) is { } lease)
                    await runner.RunAsync(lease, before, stopping);
                else
                    await queue.WaitForWorkAsync(options.Value.PollInterval, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The worker shuts down, and this slot was idle.
            }
            catch (Exception e)
            {
                LogUnavailable(e);
                await Task.Delay(options.Value.PollInterval, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue cannot be reached; asking again soon.")]
    private partial void LogUnavailable(Exception exception);
}
