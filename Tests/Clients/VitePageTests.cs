using System.Globalization;
using EventStreams;
using Tests.Browser;
using Tests.Fixtures;
using Tests.Integration.Packages;

namespace Tests.Clients;

/// <summary>The npm package, as somebody takes it who builds pages with Vite.</summary>
public sealed class VitePageTests(Chromium chromium, RedisServers servers, ITestOutputHelper output) : IClassFixture<Chromium>
{
    [Fact]
    public async Task The_package_that_npm_packs_streams_in_a_page_that_Vite_has_built()
    {
        if (Requirement.FindProgram("npm") is null)
            throw Requirement.Missing("npm is not on the PATH; on Debian: apt-get install npm.");
        using var folder = new TemporaryFolder();
        var page = folder["page"];
        Directory.CreateDirectory(page);
        foreach (var file in Directory.GetFiles(Path.Combine(RepositoryFolder.Path, "Tests", "Clients", "vite")))
            File.Copy(file, Path.Combine(page, Path.GetFileName(file)));
        await RunAsync(
            Path.Combine(RepositoryFolder.Path, "npm", "event-stream"),
            "npm",
            "pack",
            "--silent",
            "--pack-destination",
            folder.Path
        );
        var package = Assert.Single(Directory.GetFiles(folder.Path, "*.tgz"));
        await RunAsync(page, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent");
        await RunAsync(page, "npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", package);
        await RunAsync(page, "npx", "vite", "build", "--logLevel", "warn");

        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var host = await ModuleHost.StartAsync(server.ConnectionString, pages: Path.Combine(page, "dist"));
        await using var window = await chromium.OpenAsync(host.Origin);
        await window.Page.GotoAsync("/");
        await window.UntilAsync("globalThis.stream?.state.name === 'open'");
        await PublishAsync(host, 1, 5);
        await window.UntilAsync("seen.join() === '1,2,3,4,5'");
        host.CutOff();
        await PublishAsync(host, 6, 9);
        await window.UntilAsync("seen.join() === '1,2,3,4,5,6,7,8,9'");
        Assert.True(await window.EvaluateAsync<bool>("stream.counters.clean"));
    }

    private static async Task PublishAsync(ModuleHost host, int from, int to)
    {
        for (var i = from; i <= to; i++)
            await host.Publisher.PublishAsync(Topic.Parse("news"), EventMessage.Text("item", i.ToString(CultureInfo.InvariantCulture)));
    }

    private async Task RunAsync(string folder, string program, params string[] arguments) =>
        await BuiltApp.MustRunAsync(output, folder, program, arguments);
}
