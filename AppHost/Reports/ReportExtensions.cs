using Microsoft.Extensions.DependencyInjection;

namespace AppHost.Reports;

internal static class ReportExtensions
{
    /// <summary>Has the console say what to open when all is healthy, and what has gone wrong; and has replicas that ended by themselves started again.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="open">The resource that people open first.</param>
    public static void AddReports(this IDistributedApplicationBuilder builder, string open)
    {
        if (!builder.ExecutionContext.IsRunMode)
            return;
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<StartReport>(services, open));
        builder.Services.AddHostedService<Supervisor>();
    }
}
