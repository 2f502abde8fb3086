using Microsoft.Extensions.DependencyInjection;

namespace AppHost.Faults;

/// <summary>What can be done to the streams of one replica of api.</summary>
internal static class StreamFaults
{
    /// <summary>The replica closes half of its streams, which resume on whichever replica their next connection reaches.</summary>
    public const string Rebalance = "rebalance";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Adds <see cref="Rebalance"/>, which asks the replica itself, as the fan-out page's button does.</summary>
    public static IResourceBuilder<ProjectResource> WithStreamFaults(this IResourceBuilder<ProjectResource> api) =>
        api.WithCommand(
            Rebalance,
            "Give half of its streams away",
            RebalanceAsync,
            new CommandOptions
            {
                Description = "This replica closes half of its streams. They resume on all replicas, also on one that was started later.",
                IconName = "Scales",
                UpdateState = ReplicaFaults.WhileItRuns,
            }
        );

    private static async Task<ExecuteCommandResult> RebalanceAsync(ExecuteCommandContext context)
    {
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(context.ResourceName, out var state) || state.Snapshot.ListenAddress() is not { } address)
            return CommandResults.Failure($"{context.ResourceName} listens nowhere now.");
        using var http = context.Services.GetRequiredService<IHttpClientFactory>().CreateClient();
        http.Timeout = Limit;
        var replica = context.ResourceName[(context.ResourceName.LastIndexOf('-') + 1)..];
        try
        {
            using var answer = await http.PostAsync(
                new Uri(address, $"/development/rebalance?replica={replica}&share=0.5"),
                null,
                context.CancellationToken
            );
            var body = await answer.Content.ReadAsStringAsync(context.CancellationToken);
            return answer.IsSuccessStatusCode ? CommandResults.Success($"{replica}: {body}") : CommandResults.Failure(body);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !context.CancellationToken.IsCancellationRequested)
        {
            return CommandResults.Failure($"{context.ResourceName} does not answer: {e.Message}");
        }
    }
}
