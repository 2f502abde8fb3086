using Web.Forwarding;

namespace Web.Jobs;

internal static class JobsClientExtensions
{
    /// <summary>Longer than this nobody should wait for a page; it fills itself from the stream anyway.</summary>
    private static readonly TimeSpan PageBudget = TimeSpan.FromSeconds(3);

    public static void AddJobsClient(this IServiceCollection services) =>
        services.AddHttpClient<JobsClient>(client =>
        {
            client.BaseAddress = new Uri(ApiEndpoints.Service);
            client.Timeout = PageBudget;
        });
}
