using System.Collections.Immutable;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LocalHosting.Orchestration;

/// <summary>Holds a replica back until what it waits for is there.</summary>
internal sealed class DependencyWaiter(ResourceNotificationService notifications)
{
    /// <exception cref="DistributedApplicationException">What is waited for has ended in a way that makes waiting on senseless.</exception>
    public async Task WaitAsync(Replica replica, CancellationToken cancellationToken)
    {
        var waits = replica.Resource.Annotations.OfType<WaitAnnotation>().ToList();
        if (waits.Count == 0)
        {
            return;
        }

        var names = waits.Select(w => w.Resource.Name).Distinct().ToImmutableArray();
        await notifications.PublishUpdateAsync(
            replica.Resource,
            replica.Id,
            s => s.WithProperties(new ResourcePropertySnapshot(KnownProperties.WaitingFor, names)) with { State = KnownResourceStates.Waiting }).ConfigureAwait(false);
        await Task.WhenAll(waits.SelectMany(w => Ids(w.Resource).Select(id => WaitForAsync(replica, w, id, cancellationToken)))).ConfigureAwait(false);
    }

    private static IReadOnlyList<string> Ids(IResource resource) =>
        resource.Annotations.OfType<ReplicaIdsAnnotation>().FirstOrDefault()?.Ids ?? [resource.Name];

    private async Task WaitForAsync(Replica replica, WaitAnnotation wait, string id, CancellationToken cancellationToken)
    {
        var gaveUp = wait.WaitBehavior == WaitBehavior.StopOnResourceUnavailable;
        var state = await notifications.WaitForResourceAsync(
            id,
            e => IsMet(wait, e.Snapshot) || ((gaveUp || wait.WaitType == WaitType.WaitForCompletion) && ResourceNotificationService.IsOver(e.Snapshot)),
            cancellationToken).ConfigureAwait(false);
        if (!IsMet(wait, state.Snapshot))
        {
            throw new DistributedApplicationException(
                $"'{replica.Id}' waits for '{id}', which is {state.Snapshot.State?.Text}{(state.Snapshot.ExitCode is { } code ? $" with exit code {code}" : "")}.");
        }
    }

    private static bool IsMet(WaitAnnotation wait, CustomResourceSnapshot snapshot) => wait.WaitType switch
    {
        WaitType.WaitUntilHealthy => snapshot.HealthStatus == HealthStatus.Healthy,
        WaitType.WaitUntilStarted => snapshot.State?.Text == KnownResourceStates.Running,
        WaitType.WaitForCompletion => ResourceNotificationService.IsOver(snapshot) && snapshot.ExitCode == wait.ExitCode,
        _ => throw new InvalidOperationException($"There is no way to wait for {wait.WaitType}."),
    };
}
