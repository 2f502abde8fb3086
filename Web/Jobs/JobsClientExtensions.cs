using Microsoft.Extensions.DependencyInjection.Extensions;
using Web.Forwarding;

namespace Web.Jobs;

internal static class JobsClientExtensions
{
    /// <summary>Longer than this nobody should wait for a page; it fills itself from the stream anyway.</summary>
    private static readonly TimeSpan PageBudget = TimeSpan.FromSeconds(3);

    /// <summary>Adds <see cref="JobsClient"/> and the <see cref="JobBoards"/> that all pages share.</summary>
    public static void AddJobs(this IServiceCollection services)
    {
        services.AddHttpClient<JobsClient>(client =>
        {
            client.BaseAddress = new Uri(ApiEndpoints.Service);
            client.Timeout = PageBudget;
        });
        services.TryAddSingleton(TimeProvider.System);
        // A client for each reading, so that the factory can renew what is under it.
        services.AddSingleton<Func<JobsClient>>(provider => provider.GetRequiredService<JobsClient>);
        services.AddSingleton<JobBoards>();
    }
}
