using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;

namespace LocalHosting.Orchestration;

/// <summary>Knows how resources of one kind are run.</summary>
internal interface ILaunchPlanner
{
    bool Handles(IResource resource);

    /// <summary>Plans the next start of a replica.</summary>
    /// <exception cref="Aspire.Hosting.DistributedApplicationException">It cannot be started; the message says why and what to do.</exception>
    Task<LaunchPlan> PlanAsync(Replica replica, CancellationToken cancellationToken);
}
