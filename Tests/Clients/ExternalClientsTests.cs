using System.Diagnostics;
using System.Text.Json;
using Tests.Browser;
using Tests.Fixtures;

namespace Tests.Clients;

/// <summary>Clients that nobody here wrote follow a stream through all that happens to one. docs/clients.md says what each does by itself;
/// this is the run that says so.</summary>
public sealed class ExternalClientsTests(Chromium chromium, ITestOutputHelper output) : IClassFixture<Chromium>
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Path, "Tests", "Clients", "npm");

    [Fact]
    public async Task Each_client_gets_what_the_table_says_through_every_fault()
    {
        if (Requirement.FindProgram("node") is null || !Directory.Exists(Path.Combine(Folder, "node_modules")))
            throw Requirement.Missing("The clients are needed: npm ci in Tests/Clients/npm (./test does it), with node 20 or later.");
        using var pages = new TemporaryFolder();
        await BuildPagesAsync(pages.Path);
        await using var redis = await RedisServer.StartAsync(RedisServerKind.Redis, isPersistent: true);
        await using var run = new ClientRun(redis, chromium, pages.Path, output.WriteLine);
        var clients = await run.RunAsync();

        var expected = Enumerable.Range(1, run.Published).Where(n => n < run.Trimmed.From || n > run.Trimmed.To).ToArray();
        var rows = clients.Select(client => Row(client, expected, run)).ToArray();
        output.WriteLine(string.Join('\n', rows));
        foreach (var client in clients)
            output.WriteLine($"{client.Name}: {client.Missing(expected)} missing, {client.Duplicated} twice, {client.Late} late");
        foreach (var (name, count) in run.ConnectsWhenFull)
            output.WriteLine($"{name}: {count} connections in 5 s of full replicas, {run.ConnectsAfterEnd[name]} in 4 s after the end");
        var document = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Path, "docs", "clients.md"));
        Assert.All(rows, row => Assert.Contains(row, document, StringComparison.Ordinal));
    }

    private static string Row(FollowingClient client, int[] expected, ClientRun run)
    {
        // How many is chance; the test's output has the numbers.
        var exact =
            client.Missing(expected) + client.Late > 0 ? "no: some are lost or late"
            : client.Duplicated > 0 ? "no: some come again"
            : "yes";
        var gaps = client.Notices.Count(notice => notice == "stream.gap");
        var end = client.Notices.Contains("stream.end") ? "told" : "not told";
        var after = run.ConnectsAfterEnd[client.Name] == 0 ? "stops" : "asks on";
        var gap =
            gaps == 1 ? "once"
            : gaps == 0 ? "no"
            : "again and again";
        return $"| {client.Name} | {Version(client.Name)} | {exact} | {gap} | {end}, {after} |";
    }

    private static string Version(string client)
    {
        var package = client switch
        {
            "EventSource" => null,
            "event-stream.js" => null,
            "htmx 2" => "htmx2",
            "htmx 4" => "htmx4",
            "fetch-event-source" => "@microsoft/fetch-event-source",
            _ => client,
        };
        if (package is null)
            return client == "EventSource" ? "Chromium's" : "this project's";
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "node_modules", package, "package.json")));
        return json.RootElement.GetProperty("version").GetString()!;
    }

    private static async Task BuildPagesAsync(string folder)
    {
        foreach (var page in Directory.GetFiles(Path.Combine(Folder, "pages")))
            File.Copy(page, Path.Combine(folder, Path.GetFileName(page)));
        Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), Path.Combine(Folder, "node_modules"));
        File.CreateSymbolicLink(Path.Combine(folder, "node.js"), Path.Combine(Folder, "node.js"));
        using var esbuild = Process.Start(
            Path.Combine(Folder, "node_modules", ".bin", "esbuild"),
            [
                Path.Combine(Folder, "browser.js"),
                "--bundle",
                "--format=esm",
                "--log-level=error",
                $"--outfile={Path.Combine(folder, "browser.js")}",
            ]
        );
        await esbuild.WaitForExitAsync();
        Assert.Equal(0, esbuild.ExitCode);
    }
}
