using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AppHost.Reports;

/// <summary>Says once, when every service is healthy, what to open.</summary>
internal sealed partial class StartReport(
    string open,
    DistributedApplicationModel model,
    ResourceNotificationService notifications,
    IConfiguration configuration,
    ILogger<StartReport> logger
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var missing = model.Resources.OfType<ProjectResource>().ToDictionary(project => project.Name, project => project.GetReplicaCount());
        var healthy = new HashSet<string>();
        await foreach (var change in notifications.WatchAsync(stoppingToken))
        {
            if (
                change.Snapshot.HealthStatus != HealthStatus.Healthy
                || !missing.ContainsKey(change.Resource.Name)
                || !healthy.Add(change.ResourceId)
            )
                continue;
            if (--missing[change.Resource.Name] == 0 && missing.Values.All(replicas => replicas <= 0))
                break;
        }
        LogReady(AddressOf(open)!, DashboardAddress() is { } dashboard ? $" The dashboard: {dashboard}" : "");
    }

    // Null where there is none, as under test.
    private string? DashboardAddress() =>
        AddressOf("aspire-dashboard") is { } address && configuration["AppHost:BrowserToken"] is { Length: > 0 } token
            ? $"{address}/login?t={token}"
            : AddressOf("aspire-dashboard");

    private string? AddressOf(string name) =>
        model.Resources.OfType<IResourceWithEndpoints>().FirstOrDefault(resource => resource.Name == name)?.GetEndpoint("http").Url;

    [LoggerMessage(LogLevel.Information, "All is healthy. Open {Address}.{Dashboard}")]
    private partial void LogReady(string address, string dashboard);
}
