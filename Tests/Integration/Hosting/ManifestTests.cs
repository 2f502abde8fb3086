using System.Diagnostics;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Tests.Fixtures;

namespace Tests.Integration.Hosting;

/// <summary>What is deployed, as the manifest says it.</summary>
public sealed class ManifestTests
{
    [Fact]
    public async Task Redis_is_durable_media_are_shared_and_secrets_are_parameters()
    {
        var resources = await PublishAsync();

        var redis = resources.GetProperty("redis");
        Assert.Equal("container.v0", redis.GetProperty("type").GetString());
        Assert.EndsWith(" --appendonly yes", redis.GetProperty("args")[1].GetString(), StringComparison.Ordinal);
        Assert.Equal("/data", redis.GetProperty("volumes")[0].GetProperty("target").GetString());
        foreach (var service in new[] { "api", "worker" })
            Assert.Equal("/media", resources.GetProperty(service).GetProperty("env").GetProperty("Media__Path").GetString());
        foreach (var secret in new[] { "redis-password", "web-key", "access-client-secret" })
            Assert.True(resources.GetProperty(secret).GetProperty("inputs").GetProperty("value").GetProperty("secret").GetBoolean());
        Assert.Equal("{web-key.value}", resources.GetProperty("api").GetProperty("env").GetProperty("Access__ApiKeys__0__Key").GetString());
        Assert.Equal("{web-key.value}", resources.GetProperty("web").GetProperty("env").GetProperty("Fanout__PublisherKey").GetString());
    }

    [Fact]
    public async Task No_path_of_the_build_machine_is_in_it()
    {
        var resources = await PublishAsync();

        foreach (var service in new[] { "api", "worker", "web" })
        {
            var environment = resources.GetProperty(service).GetProperty("env");
            Assert.DoesNotContain(".aspiresse", environment.GetRawText(), StringComparison.Ordinal);
            Assert.DoesNotContain(RepositoryFolder.Path, environment.GetRawText(), StringComparison.Ordinal);
        }
    }

    /// <summary>What the manifest's form of a project cannot say, and other publishers take from the model.</summary>
    [Fact]
    public async Task Services_have_probes_and_media_is_one_volume_that_api_and_worker_mount()
    {
        using var folder = new TemporaryFolder();
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([
            "--publisher",
            "manifest",
            "--output-path",
            folder["manifest.json"],
        ]);
        var services = builder.Resources.OfType<ProjectResource>().ToDictionary(service => service.Name);

        Assert.Equal(["api", "web", "worker"], services.Keys.Order());
#pragma warning disable ASPIREPROBES001 // Marked as experimental.
        Assert.All(
            services.Values,
            service =>
                Assert.Equal(
                    [(ProbeType.Readiness, "/health"), (ProbeType.Liveness, "/alive")],
                    service.Annotations.OfType<EndpointProbeAnnotation>().Select(probe => (probe.Type, probe.Path))
                )
        );
#pragma warning restore ASPIREPROBES001
        var mounts = services
            .Values.SelectMany(
                service => service.Annotations.OfType<ContainerMountAnnotation>(),
                (service, mount) => (service.Name, mount.Source, mount.Target, mount.IsReadOnly)
            )
            .OrderBy(mount => mount.Name, StringComparer.Ordinal);
        Assert.Equal([("api", "media", "/media", false), ("worker", "media", "/media", false)], mounts);
        Assert.Equal(
            (3, 2, 1),
            (services["api"].GetReplicaCount(), services["worker"].GetReplicaCount(), services["web"].GetReplicaCount())
        );
    }

    private static async Task<JsonElement> PublishAsync()
    {
        using var folder = new TemporaryFolder();
        using var host = new AppHostProcess(["--publisher", "manifest", "--output-path", folder["manifest.json"]]);
        await host.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(host.Process.ExitCode == 0, host.Output);
        return JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(folder["manifest.json"])).GetProperty("resources");
    }
}
