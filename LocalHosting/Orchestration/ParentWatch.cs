using LocalHosting.Processes;
using Microsoft.Extensions.Hosting;

namespace LocalHosting.Orchestration;

/// <summary>Ends the app when the <c>dotnet run</c> that started it is killed, for nobody would stop it then.</summary>
internal sealed class ParentWatch(IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // dotnet run sets this variable. Started in any other way, the app may well be meant to outlive its parent.
        if (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("DOTNET_LAUNCH_PROFILE") is null)
        {
            return;
        }

        var parent = Signals.Parent();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (Signals.Parent() != parent)
            {
                lifetime.StopApplication();
                return;
            }
        }
    }
}
