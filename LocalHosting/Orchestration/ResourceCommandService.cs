using LocalHosting.Orchestration;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Starts, stops and restarts replicas by <see cref="KnownResourceCommands"/>, and kills them by <c>kill</c>.</summary>
public class ResourceCommandService
{
    private readonly ReplicaSet _replicas;

    internal ResourceCommandService(ReplicaSet replicas) => _replicas = replicas;

    /// <summary>Gives a command to all replicas of a resource; done when all have carried it out.</summary>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(
        IResource resource, string commandName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var results = await Task.WhenAll(_replicas.Of(resource).Select(r => ExecuteAsync(r, commandName, cancellationToken))).ConfigureAwait(false);
        return results.FirstOrDefault(r => !r.Success) ?? (results.Length > 0
            ? CommandResults.Success()
            : CommandResults.Failure($"'{resource.Name}' has no process that could be given the command '{commandName}'."));
    }

    /// <summary>Gives a command to one replica; done when it has carried it out.</summary>
    /// <param name="resourceId">The id of a replica, or the name of a resource that has only one.</param>
    public Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default) =>
        _replicas.Find(resourceId) is { } replica
            ? ExecuteAsync(replica, commandName, cancellationToken)
            : Task.FromResult(CommandResults.Failure($"There is no single replica '{resourceId}'; there are {string.Join(", ", _replicas.Select(r => r.Id))}."));

    private static async Task<ExecuteCommandResult> ExecuteAsync(Replica replica, string command, CancellationToken cancellationToken)
    {
        // The longer names are those of earlier versions.
        switch (command.StartsWith("resource-", StringComparison.Ordinal) ? command["resource-".Length..] : command)
        {
            case "start":
                return await replica.StartAsync(cancellationToken).ConfigureAwait(false);
            case "stop":
                return await replica.StopAsync(ShutdownBudget.PerReplica, cancellationToken).ConfigureAwait(false);
            case "restart":
                var stopped = await replica.StopAsync(ShutdownBudget.PerReplica, cancellationToken).ConfigureAwait(false);
                return stopped.Success ? await replica.StartAsync(cancellationToken).ConfigureAwait(false) : stopped;
            case ReplicaCommands.Kill:
                return await replica.KillAsync(cancellationToken).ConfigureAwait(false);
            default:
                return CommandResults.Failure($"There is no command '{command}'; there are start, stop, restart and kill.");
        }
    }
}
