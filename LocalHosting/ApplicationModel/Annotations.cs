namespace Aspire.Hosting.ApplicationModel;

/// <summary>How many processes run the resource.</summary>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    public int Replicas { get; } = replicas;
}

/// <summary>The resource is started by hand, through its start command.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;

/// <summary>A health check, registered in the app's services under this key, that the resource must pass.</summary>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key { get; } = key;
}

/// <summary>Which launch profile a project is run with.</summary>
public sealed class LaunchProfileAnnotation(string launchProfileName) : IResourceAnnotation
{
    public string LaunchProfileName { get; } = launchProfileName;
}

/// <summary>The project is run without a launch profile.</summary>
public sealed class ExcludeLaunchProfileAnnotation : IResourceAnnotation;

/// <summary>How two resources belong together, beyond waiting and references.</summary>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public string Type { get; } = type;
}

/// <summary>A check over HTTP, made on each replica's own port.</summary>
internal sealed record HttpHealthCheckAnnotation(string? EndpointName, string Path, int StatusCode) : IResourceAnnotation;

/// <summary>Where a store keeps its data; a null source is a folder that this host chooses.</summary>
internal sealed record DataFolderAnnotation(string? Source) : IResourceAnnotation
{
    public string? Name { get; init; }
}

/// <summary>How often a store saves its data.</summary>
internal sealed record PersistenceIntervalAnnotation(TimeSpan Interval, long KeysChangedThreshold) : IResourceAnnotation;

/// <summary>A mistake in the app model, kept until the start so that it ends the host with a sentence and not with a stack trace.</summary>
internal sealed record ProblemAnnotation(string Message) : IResourceAnnotation;
