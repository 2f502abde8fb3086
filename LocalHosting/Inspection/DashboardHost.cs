using Aspire.Hosting;
using Dashboard;
using Dashboard.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LocalHosting.Inspection;

/// <summary>Serves the dashboard while the app runs, unless it is off.</summary>
internal sealed class DashboardHost(
    IOptions<DashboardOptions> options,
    DistributedApplicationOptions app,
    DistributedApplicationExecutionContext context,
    IConfiguration configuration,
    ResourceSource resources,
    ILoggerFactory loggers,
    TimeProvider time) : IHostedService, IAsyncDisposable
{
    /// <summary>Null while there is no dashboard.</summary>
    public DashboardServer? Server { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (context.IsPublishMode || !(options.Value.Enabled ?? !app.DisableDashboard))
        {
            return;
        }

        var destination = new TelemetryDestination(TelemetryTarget.Elsewhere(configuration));
        Server = new DashboardServer(options.Value, DashboardAddresses.Choose(configuration), resources, destination, loggers, time);
        try
        {
            await Server.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new DistributedApplicationException($"The dashboard cannot start: {e.Message}", e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
