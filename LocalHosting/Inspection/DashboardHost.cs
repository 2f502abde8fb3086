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
    private DashboardServer? _server;

    /// <summary>The address that lets whoever opens it in; null while there is no dashboard.</summary>
    public Uri? LoginAddress => _server?.LoginAddress;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (context.IsPublishMode || !(options.Value.Enabled ?? !app.DisableDashboard))
        {
            return;
        }

        _server = new DashboardServer(options.Value, DashboardAddresses.Choose(configuration), resources, loggers, time);
        try
        {
            await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new DistributedApplicationException($"The dashboard cannot start: {e.Message}", e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
