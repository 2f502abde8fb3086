using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;
using LocalHosting.Proxy;

namespace LocalHosting.Orchestration;

/// <summary>What every replica needs of the host.</summary>
internal sealed record ReplicaParts(
    ProcessGuard Guard,
    IEnumerable<ILaunchPlanner> Planners,
    DependencyWaiter Dependencies,
    HealthMonitor Health,
    ProxySet Proxies,
    ResourceNotificationService Notifications,
    ResourceLoggerService Logs,
    UrlResolver Urls,
    CrashReports Crashes,
    FatalErrors Errors,
    TimeProvider Time)
{
    public ILaunchPlanner Plan(IResource resource) => Planners.First(p => p.Handles(resource));
}
