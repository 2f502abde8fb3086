using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AppHost.Reports;

internal static class ReportExtensions
{
    /// <summary>
    /// Has the console say what to open when all is healthy, and what has gone wrong, in a sentence. Replicas that end by themselves are
    /// started again.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="open">The resource that people open first.</param>
    public static IDistributedApplicationBuilder WithReports(this IDistributedApplicationBuilder builder, string open)
    {
        if (!builder.ExecutionContext.IsRunMode)
            return builder;
        AppDomain.CurrentDomain.UnhandledException += (_, unhandled) => EndWithSentence((Exception)unhandled.ExceptionObject);
        builder.Eventing.Subscribe<BeforeStartEvent>((start, _) => PortCheck.RunAsync(start.Model, builder.Configuration));
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<StartReport>(services, open));
        // Before the orchestrator, whose start ends only when whatever waits for others has begun: what crashes at once is reported all the
        // same.
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, Supervisor>());
        return builder;
    }

    // What this application refuses, it says in a sentence that is complete; a stack trace behind it would only hide it.
    private static void EndWithSentence(Exception exception)
    {
        if (
            (exception is AggregateException { InnerException: { } inner } ? inner : exception)
            is not DistributedApplicationException refusal
        )
            return;
        Console.Error.WriteLine($"error: {refusal.Message}");
        Environment.Exit(1);
    }
}
