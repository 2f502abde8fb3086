using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;

namespace LocalHosting.Orchestration;

internal sealed class ExecutableLaunchPlanner(EnvironmentResolver environment) : ILaunchPlanner
{
    public bool Handles(IResource resource) => resource is ExecutableResource;

    public async Task<LaunchPlan> PlanAsync(Replica replica, CancellationToken cancellationToken)
    {
        var resource = (ExecutableResource)replica.Resource;
        if (!Directory.Exists(resource.WorkingDirectory))
        {
            throw new DistributedApplicationException($"The working directory of '{resource.Name}' does not exist: {resource.WorkingDirectory}");
        }

        var file = CommandLocator.Find(resource.Command, resource.WorkingDirectory) ?? throw new DistributedApplicationException(
            $"'{resource.Name}' needs the program '{resource.Command}', which is not there: install it, or put its folder on the PATH.");
        return new(
            file,
            await EnvironmentResolver.ArgsAsync(replica, cancellationToken).ConfigureAwait(false),
            resource.WorkingDirectory,
            await environment.VariablesAsync(replica, cancellationToken).ConfigureAwait(false));
    }
}
