using Microsoft.Extensions.Options;
using Subtitles.Jobs;

namespace Worker;

/// <summary>Claims jobs and runs them, as many at a time as <see cref="WorkerOptions.Concurrency"/> says. At shutdown every job is handed back before it returns.</summary>
internal sealed partial class JobPump(IJobQueue queue, JobRunner runner, IOptions<WorkerOptions> options, TimeProvider time, ILogger<JobPump> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.Concurrency).Select(_ => PumpAsync(stoppingToken)));

    private async Task PumpAsync(CancellationToken stopping)
    {
        var worker = options.Value.EffectiveName;
        try
        {
            while (!stopping.IsCancellationRequested)
            {
                var before = time.GetTimestamp();
                if (await ClaimAsync(worker, stopping) is { } lease)
                    await runner.RunAsync(lease, before, stopping);
                else
                    await queue.WaitForWorkAsync(options.Value.PollInterval, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The worker shuts down, and this slot was idle.
        }
    }

    private async Task<JobLease?> ClaimAsync(string worker, CancellationToken stopping)
    {
        try
        {
            return await queue.ClaimAsync(worker, stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogUnavailable(e);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue cannot be reached; asking again soon.")]
    private partial void LogUnavailable(Exception exception);
}
