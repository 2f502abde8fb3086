using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace AppHost.Services;

/// <summary>What the services of this application have in common as resources.</summary>
internal static class ServiceExtensions
{
    /// <summary>Adds a service that answers <c>/health</c> and <c>/alive</c>, as <c>MapDefaultEndpoints</c> does.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(this IDistributedApplicationBuilder builder, string name)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name);
        // The orchestrator has services keep telemetry for later when nobody takes it. At the end of a run nobody does, and each service
        // would wait for ten seconds.
        if (builder.ExecutionContext.IsRunMode)
            service.WithEnvironment("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "");
#pragma warning disable ASPIREPROBES001, ASPIRECERTIFICATES001 // Marked as experimental.
        // The services speak HTTP; whatever brings TLS stands in front of them.
        service.WithoutHttpsCertificate();
        service.WithHttpProbe(ProbeType.Readiness, "/health").WithHttpProbe(ProbeType.Liveness, "/alive");
#pragma warning restore ASPIREPROBES001, ASPIRECERTIFICATES001
        return service.RunsBuiltProgram(new TProject().ProjectPath);
    }

    /// <summary>
    /// Starts the program that the build has made instead of <c>dotnet run</c>, which takes 2.5 s longer and whose process stands between
    /// the orchestrator and the service. An IDE, which starts services itself to debug them, and a build with another layout are left
    /// alone.
    /// </summary>
    private static IResourceBuilder<ProjectResource> RunsBuiltProgram(this IResourceBuilder<ProjectResource> service, string project)
    {
        var builder = service.ApplicationBuilder;
        var configuration = typeof(ServiceExtensions).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var folder = Path.GetDirectoryName(project)!;
        var program = Path.Combine(
            folder,
            "bin",
            configuration,
            $"net{Environment.Version.Major}.0",
            Path.GetFileNameWithoutExtension(project) + (OperatingSystem.IsWindows() ? ".exe" : "")
        );
        if (builder.ExecutionContext.IsPublishMode || builder.Configuration["DEBUG_SESSION_PORT"] is not null || !File.Exists(program))
            return service;
        return service.WithAnnotation(new ExecutableAnnotation { Command = program, WorkingDirectory = folder });
    }
}
