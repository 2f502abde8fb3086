using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Dashboard;
using LocalHosting.Control;
using LocalHosting.Inspection;
using LocalHosting.Processes;
using LocalHosting.Proxy;
using LocalHosting.Redis;
using LocalHosting.Terminal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LocalHosting.Orchestration;

internal static class ServiceCollectionExtensions
{
    /// <summary>Registers all that runs an app with plain processes.</summary>
    public static IServiceCollection AddLocalHosting(
        this IServiceCollection services, IDistributedApplicationBuilder builder, DistributedApplicationOptions options, bool underTest)
    {
        services.AddOptions<LocalHostingOptions>().BindConfiguration(LocalHostingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<DashboardOptions>().BindConfiguration(DashboardOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);
        services.Configure<HostOptions>(o => o.ShutdownTimeout = ShutdownBudget.Limit + TimeSpan.FromSeconds(2));
        services.AddLogging(logging =>
        {
            logging.AddFilter("Microsoft", LogLevel.Warning);
            logging.AddFilter("Dashboard", LogLevel.Warning);
            // It logs a failed start with its stack trace; Run says it in a sentence, or lets what was not foreseen through.
            logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
            if (underTest)
            {
                // A test decides itself where the log goes; the console belongs to its runner.
                logging.ClearProviders();
            }
        });
        services.AddHealthChecks();
        services.AddHttpClient();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(builder.ExecutionContext);
        services.AddSingleton(options);
        services.AddSingleton(builder.Resources);
        services.AddSingleton(s => HostPaths.Create(builder.AppHostDirectory, s, underTest));
        services.AddSingleton(s => new ResourceLoggerService(s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(_ => new ResourceNotificationService());
        services.AddSingleton(s => new ResourceCommandService(s.GetRequiredService<ReplicaSet>()));
        services.AddSingleton<FatalErrors>();
        services.AddSingleton<ProcessGuard>();
        services.AddSingleton<EndpointAllocator>();
        services.AddSingleton<TelemetryTarget>();
        services.AddSingleton<EnvironmentResolver>();
        services.AddSingleton<HealthMonitor>();
        services.AddSingleton<DependencyWaiter>();
        services.AddSingleton<ProxySet>();
        services.AddSingleton<RedisServerLocator>();
        services.AddSingleton<GarnetTool>();
        services.AddSingleton<ILaunchPlanner, ProjectLaunchPlanner>();
        services.AddSingleton<ILaunchPlanner, ExecutableLaunchPlanner>();
        services.AddSingleton<ILaunchPlanner, RedisLaunchPlanner>();
        services.AddSingleton<UrlResolver>();
        services.AddSingleton<CrashReports>();
        services.AddSingleton<ReplicaParts>();
        services.AddSingleton<ReplicaSet>();
        services.AddSingleton<ResourceSource>();
        services.AddSingleton<DashboardHost>();
        services.AddSingleton<ControlServer>();

        // Before the orchestrator, as the processes are told where their telemetry goes; and before the terminal, which says where the dashboard is.
        services.AddHostedService(s => s.GetRequiredService<ResourceSource>());
        services.AddHostedService(s => s.GetRequiredService<DashboardHost>());
        services.AddHostedService(s => s.GetRequiredService<ControlServer>());
        if (!underTest)
        {
            // Before the orchestrator, so that the first lines are seen.
            services.AddHostedService<TerminalOutput>();
            services.AddHostedService<ParentWatch>();
        }

        services.AddHostedService<AppOrchestrator>();
        return services;
    }
}
