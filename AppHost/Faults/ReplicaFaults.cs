using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace AppHost.Faults;

/// <summary>What can be done to one replica of a service, from the dashboard or by <c>aspire resource</c>.</summary>
internal static class ReplicaFaults
{
    /// <summary>Ends the replica as <c>kill -9</c> does: it gets no time for anything.</summary>
    public const string Kill = "kill";

    /// <summary>Asks the replica to end, which closes its streams in batches, and starts it again.</summary>
    public const string Drain = "drain";

    /// <summary>Adds <see cref="Kill"/> and <see cref="Drain"/>.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicaFaults(this IResourceBuilder<ProjectResource> service) =>
        service
            .WithCommand(
                Kill,
                "Kill (kill -9)",
                KillAsync,
                new CommandOptions
                {
                    Description =
                        "Ends this replica without a warning. Its clients resume on another one; it is started again after some seconds.",
                    IconName = "Flash",
                    IsHighlighted = true,
                    UpdateState = WhileItRuns,
                }
            )
            .WithCommand(
                Drain,
                "Drain and start again",
                DrainAsync,
                new CommandOptions
                {
                    Description =
                        "Asks this replica to end, as a rolling deploy does. Its streams are closed in batches and resume elsewhere.",
                    IconName = "ArrowSync",
                    UpdateState = WhileItRuns,
                }
            );

    /// <summary>Commands that need a running process are shown while there is one.</summary>
    public static ResourceCommandState WhileItRuns(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Disabled;

    private static Task<ExecuteCommandResult> KillAsync(ExecuteCommandContext context)
    {
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(context.ResourceName, out var state) || state.Snapshot.ProcessId() is not { } id)
            return Task.FromResult(CommandResults.Failure($"{context.ResourceName} has no process now."));
        try
        {
            using var process = Process.GetProcessById(id);
            // Whatever has started the service, such as dotnet run, goes with it.
            process.Kill(entireProcessTree: true);
            return Task.FromResult(CommandResults.Success());
        }
        catch (ArgumentException)
        {
            return Task.FromResult(CommandResults.Failure($"The process {id} of {context.ResourceName} has ended already."));
        }
    }

    private static Task<ExecuteCommandResult> DrainAsync(ExecuteCommandContext context) =>
        context
            .Services.GetRequiredService<ResourceCommandService>()
            .ExecuteCommandAsync(context.ResourceName, KnownResourceCommands.RestartCommand, context.CancellationToken);
}
