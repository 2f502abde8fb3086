using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds .NET projects to an app.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>Adds a project that the AppHost references. Its launch profile gives it endpoints and environment variables.</summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), new ProjectResourceOptions());

    /// <inheritdoc cref="AddProject{TProject}(IDistributedApplicationBuilder, string)"/>
    /// <param name="launchProfileName">The launch profile to use; null for none.</param>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, string? launchProfileName)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), ProjectResourceOptions.For(launchProfileName));

    /// <inheritdoc cref="AddProject{TProject}(IDistributedApplicationBuilder, string)"/>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(
        this IDistributedApplicationBuilder builder, string name, Action<ProjectResourceOptions> configure)
        where TProject : IProjectMetadata, new() => Add(builder, name, new TProject(), ProjectResourceOptions.From(configure));

    /// <summary>Adds a project by its file, relative to the AppHost's folder. It is built when the app starts.</summary>
    public static IResourceBuilder<ProjectResource> AddProject(this IDistributedApplicationBuilder builder, string name, string projectPath) =>
        Add(builder, name, ProjectFile.Find(builder, projectPath), new ProjectResourceOptions());

    /// <inheritdoc cref="AddProject(IDistributedApplicationBuilder, string, string)"/>
    /// <param name="launchProfileName">The launch profile to use; null for none.</param>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, string projectPath, string? launchProfileName) =>
        Add(builder, name, ProjectFile.Find(builder, projectPath), ProjectResourceOptions.For(launchProfileName));

    /// <inheritdoc cref="AddProject(IDistributedApplicationBuilder, string, string)"/>
    public static IResourceBuilder<ProjectResource> AddProject(
        this IDistributedApplicationBuilder builder, string name, string projectPath, Action<ProjectResourceOptions> configure) =>
        Add(builder, name, ProjectFile.Find(builder, projectPath), ProjectResourceOptions.From(configure));

    /// <summary>How many processes run the project, each on a port of its own behind the endpoint's proxy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one.</exception>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        return builder.WithAnnotation(new ReplicaAnnotation(replicas), ResourceAnnotationMutationBehavior.Replace);
    }

    private static IResourceBuilder<ProjectResource> Add(
        IDistributedApplicationBuilder builder, string name, IProjectMetadata project, ProjectResourceOptions options)
    {
        var resource = builder.AddResource(new ProjectResource(name)).WithAnnotation(project);
        if (options.ExcludeLaunchProfile)
        {
            return resource.WithAnnotation(new ExcludeLaunchProfileAnnotation());
        }

        try
        {
            var settings = project.LaunchSettings ?? LaunchSettings.Read(project.ProjectPath);
            if (settings?.Choose(options.LaunchProfileName, builder.Configuration["DOTNET_LAUNCH_PROFILE"], project.ProjectPath) is var (chosen, profile))
            {
                Apply(resource.WithAnnotation(new LaunchProfileAnnotation(chosen)), profile, options.ExcludeKestrelEndpoints);
            }
        }
        catch (DistributedApplicationException e)
        {
            resource.WithAnnotation(new ProblemAnnotation(e.Message));
        }

        return resource;
    }

    private static void Apply(IResourceBuilder<ProjectResource> resource, LaunchProfile profile, bool withoutEndpoints)
    {
        foreach (var address in (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Names are schemes; a second address of the same scheme gets a number, as it has to be told from the first.
            if (!Uri.TryCreate(address.Replace("//*", "//localhost").Replace("//+", "//localhost"), UriKind.Absolute, out var uri))
            {
                throw new DistributedApplicationException(
                    $"The launch profile of '{resource.Resource.Name}' has the applicationUrl '{address}', which is not an address such as http://localhost:5000.");
            }

            if (!withoutEndpoints)
            {
                var number = resource.Resource.Annotations.OfType<EndpointAnnotation>().Count(e => e.UriScheme == uri.Scheme);
                resource.WithAnnotation(new EndpointAnnotation(
                    ProtocolType.Tcp, uri.Scheme, name: number == 0 ? uri.Scheme : $"{uri.Scheme}{number + 1}", port: uri.Port));
            }
        }

        resource.WithEnvironment(context =>
        {
            foreach (var (key, value) in profile.EnvironmentVariables)
            {
                context.EnvironmentVariables.TryAdd(key, Environment.ExpandEnvironmentVariables(value));
            }
        });

        if (!string.IsNullOrWhiteSpace(profile.CommandLineArgs))
        {
            resource.WithArgs(profile.CommandLineArgs.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private sealed class ProjectFile(string path) : IProjectMetadata
    {
        public string ProjectPath => path;

        public static ProjectFile Find(IDistributedApplicationBuilder builder, string path) =>
            new(Path.GetFullPath(path.Replace('\\', '/'), builder.AppHostDirectory));
    }
}

/// <summary>How a project is added.</summary>
public class ProjectResourceOptions
{
    public string? LaunchProfileName { get; set; }

    public bool ExcludeLaunchProfile { get; set; }

    /// <summary>Leaves the addresses of the launch profile out.</summary>
    public bool ExcludeKestrelEndpoints { get; set; }

    internal static ProjectResourceOptions For(string? launchProfileName) =>
        new() { LaunchProfileName = launchProfileName, ExcludeLaunchProfile = launchProfileName is null };

    internal static ProjectResourceOptions From(Action<ProjectResourceOptions> configure)
    {
        var options = new ProjectResourceOptions();
        configure(options);
        return options;
    }
}
