using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Inspection;
using LocalHosting.Orchestration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace LocalHosting.Terminal;

/// <summary>Shows the app in the terminal: a banner, the lines of all replicas, a table once all is healthy, and what goes wrong later.</summary>
internal sealed class TerminalOutput(
    DistributedApplicationOptions options,
    IResourceCollection resources,
    ResourceLoggerService logs,
    ResourceNotificationService notifications,
    CrashReports crashes,
    DashboardHost dashboard) : BackgroundService
{
    private readonly LineWriter _lines = new(resources);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _lines.Note(Banner.Text(options.ResolveAssembly()));
        if (dashboard.Server?.LoginAddress is { } address)
        {
            _lines.Note($"Dashboard: {address}");
        }

        logs.LineWritten += (replica, line) => _lines.Write(replica, line);
        crashes.Crashed += (replica, code, last) => _lines.Crash(replica, code, last);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var shown = false;
        var running = new Dictionary<string, bool>();
        await foreach (var change in notifications.WatchAsync(stoppingToken).ConfigureAwait(false))
        {
            if (!shown && IsUp(notifications.Current()))
            {
                shown = true;
                _lines.Table(ResourceTable.Rows(notifications.Current()), Banner.Entrance(resources));
            }

            var healthy = change.Snapshot.HealthStatus == HealthStatus.Healthy;
            if (shown && healthy && running.TryGetValue(change.ResourceId, out var was) && !was)
            {
                _lines.Note($"{change.ResourceId} is healthy again.");
            }

            if (healthy || ResourceNotificationService.IsOver(change.Snapshot))
            {
                running[change.ResourceId] = healthy;
            }
        }
    }

    private bool IsUp(IReadOnlyList<ResourceEvent> states) =>
        states.Select(s => s.Resource).Distinct().Count() == resources.Count
        && states.All(s => s.Snapshot.HealthStatus == HealthStatus.Healthy
            || s.Snapshot.State?.Text == KnownResourceStates.Finished
            || s.Resource.Annotations.OfType<ExplicitStartupAnnotation>().Any());
}
