namespace AppHost.Services;

/// <summary>Where the services find media.</summary>
internal static class MediaExtensions
{
    private const string MediaVariable = "Media__Path";

    /// <summary>
    /// Uploaded media: what Api stores, Worker reads. A folder of this machine in run mode, a volume that both mount where they are
    /// deployed.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSharedMedia(this IResourceBuilder<ProjectResource> service)
    {
        var builder = service.ApplicationBuilder;
        return builder.ExecutionContext.IsRunMode
            ? service.WithEnvironment(MediaVariable, builder.Folder("media"))
            : service.WithVolume("media", "/media", env: MediaVariable);
    }
}
