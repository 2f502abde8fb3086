using System.Collections.Concurrent;
using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LocalHosting.Processes;

namespace LocalHosting.Orchestration;

/// <summary>Runs a project's build output, from the project's folder, as <c>dotnet run</c> does.</summary>
internal sealed class ProjectLaunchPlanner(EnvironmentResolver environment, ResourceNotificationService notifications) : ILaunchPlanner
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _builds = new();

    public bool Handles(IResource resource) => resource is ProjectResource;

    public async Task<LaunchPlan> PlanAsync(Replica replica, CancellationToken cancellationToken)
    {
        var project = replica.Resource.Annotations.OfType<IProjectMetadata>().Last();
        if (!File.Exists(project.ProjectPath))
        {
            throw new DistributedApplicationException($"The project of '{replica.Resource.Name}' is not there: {project.ProjectPath}");
        }

        var assembly = project is IBuiltProject built ? built.TargetPath : await BuildOnceAsync(replica, project.ProjectPath).ConfigureAwait(false);
        if (!File.Exists(assembly))
        {
            throw new DistributedApplicationException(
                $"'{replica.Resource.Name}' is not built, there is no {assembly}: build the AppHost again, for that builds all projects that it refers to.");
        }

        return new(
            CommandLocator.Dotnet(),
            [assembly, .. await EnvironmentResolver.ArgsAsync(replica, cancellationToken).ConfigureAwait(false)],
            Path.GetDirectoryName(project.ProjectPath)!,
            await environment.VariablesAsync(replica, cancellationToken).ConfigureAwait(false));
    }

    private async Task<string> BuildOnceAsync(Replica replica, string project)
    {
        await notifications.PublishUpdateAsync(replica.Resource, replica.Id, s => s with { State = KnownResourceStates.Building }).ConfigureAwait(false);
        return await _builds.GetOrAdd(project, p => new(() => BuildAsync(p))).Value.ConfigureAwait(false);
    }

    private static async Task<string> BuildAsync(string project)
    {
        var start = new ProcessStartInfo(CommandLocator.Dotnet(), ["build", project, "-nologo", "-v", "q", "-getProperty:TargetPath"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(project)!,
        };
        using var build = Process.Start(start)!;
        var output = await build.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await build.WaitForExitAsync().ConfigureAwait(false);
        return build.ExitCode == 0
            ? output.Trim()
            : throw new DistributedApplicationException(
                $"The build of {project} failed: {output.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.OrdinalIgnoreCase))?.Trim() ?? $"exit code {build.ExitCode}"}");
    }
}
