using System.Diagnostics;
using System.Text.Json;
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

    private static async Task<JsonElement> PublishAsync()
    {
        using var folder = new TemporaryFolder();
        using var host = new AppHostProcess(["--publisher", "manifest", "--output-path", folder["manifest.json"]]);
        await host.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.True(host.Process.ExitCode == 0, host.Output);
        return JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(folder["manifest.json"])).GetProperty("resources");
    }
}
