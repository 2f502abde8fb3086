using Microsoft.Extensions.DependencyInjection.Extensions;
using Web.Forwarding;
using Web.Security;

namespace Web.Jobs;

internal static class JobsClientExtensions
{
    /// <summary>Longer than this nobody should wait for a page; it fills itself from the stream anyway.</summary>
    private static readonly TimeSpan PageBudget = TimeSpan.FromSeconds(3);

    /// <summary>Adds <see cref="JobsClient"/> and the <see cref="JobBoards"/> that all pages share.</summary>
    public static void AddJobs(this IServiceCollection services)
    {
        services
            .AddHttpClient<JobsClient>(client =>
            {
                client.BaseAddress = new Uri(ApiEndpoints.Service);
                client.Timeout = PageBudget;
            })
            // Its connections serve all visitors: a cookie that it kept would make the next one the first one.
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { UseCookies = false });
        services.TryAddSingleton(TimeProvider.System);
        // A client for each reading, so that the factory can renew what is under it.
        services.AddSingleton<Func<ApiCredentials, JobsClient>>(provider =>
            credentials => new JobsClient(
                provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(JobsClient)),
                credentials,
                provider.GetRequiredService<ILogger<JobsClient>>()
            )
        );
        services.AddSingleton<JobBoards>();
    }
}
