using EventStreams.Access;
using EventStreams.Bus;
using EventStreams.Presence;
using EventStreams.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventStreams.Fanout;

/// <summary>The replica's shared clocks: one for heartbeats, tidying and memory, one for tail checks. It also starts the drain when the
/// host begins to stop.</summary>
internal sealed partial class StreamMaintenance(
    EventStreamHub hub,
    RedisEventBus bus,
    Revocations revocations,
    PresenceWatch presence,
    IHostApplicationLifetime lifetime,
    IOptions<EventStreamsOptions> options,
    EventStreamsMetrics metrics,
    TimeProvider time,
    ILogger<StreamMaintenance> logger
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.ObserveBufferedBytes(() => hub.BufferedBytes);
        bus.Disturbed += Heal;
        revocations.Added += hub.CheckGrants;
        presence.Counted += hub.SayPresence;
        _ = revocations.LookAsync();
        using var draining = lifetime.ApplicationStopping.Register(() => _ = DrainAsync());
        var release = new MemoryRelease(
            options.Value.ReleaseMemoryAfter,
            static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true),
            logger
        );
        var period = TimeSpan.FromMilliseconds(Math.Clamp(options.Value.HeartbeatInterval.TotalMilliseconds / 5, 10, 3000));
        try
        {
            await Task.WhenAll(
                EveryAsync(period, () => RunMaintenance(release), stoppingToken),
                EveryAsync(options.Value.TailCheckInterval, hub.CheckTailsAsync, stoppingToken),
                EveryAsync(options.Value.TailCheckInterval, revocations.LookAsync, stoppingToken),
                EveryAsync(PresenceWatch.Period, presence.BeatAsync, stoppingToken)
            );
        }
        finally
        {
            bus.Disturbed -= Heal;
            revocations.Added -= hub.CheckGrants;
            presence.Counted -= hub.SayPresence;
            await presence.LeaveAsync();
        }
    }

    private void Heal(string cause)
    {
        _ = revocations.LookAsync();
        _ = hub.HealAllAsync(cause);
    }

    private Task RunMaintenance(MemoryRelease release)
    {
        hub.RunMaintenance();
        release.Look(hub.OpenedSoFar, metrics.DeliveredSoFar);
        return Task.CompletedTask;
    }

    private async Task EveryAsync(TimeSpan period, Func<Task> work, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(period, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                // Not waited for when the host stops, as Redis may be away.
                await work().WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { }
            catch (Exception e)
            {
                LogFailed(e);
            }
        }
    }

    private async Task DrainAsync()
    {
        try
        {
            await hub.DrainAsync();
        }
        catch (Exception e)
        {
            LogDrainFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "Maintenance or a tail check failed; the next one comes.")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(LogLevel.Error, "The streams could not be closed in order.")]
    private partial void LogDrainFailed(Exception exception);
}

/// <summary>Not ready while the replica drains, so that balancers send new streams elsewhere.</summary>
internal sealed class DrainingHealthCheck(EventStreamHub hub) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(hub.IsDraining ? HealthCheckResult.Unhealthy("The replica is shutting down.") : HealthCheckResult.Healthy());
}
