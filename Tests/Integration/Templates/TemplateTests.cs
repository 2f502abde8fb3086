using System.Diagnostics;
using System.Text.RegularExpressions;
using Tests.Fixtures;
using Tests.Integration.Packages;

namespace Tests.Integration.Templates;

/// <summary>The template as those get it who start an app from it: packed, installed, generated, built and run.</summary>
public sealed partial class TemplateTests(ITestOutputHelper output)
{
    private const string Name = "Contoso.Live";

    // A whole app is built, perhaps on a machine that has other things to do.
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task The_minimal_app_streams_under_its_own_name_and_its_test_passes()
    {
        using var folder = new TemporaryFolder();
        await PackAndInstallAsync(folder);
        var app = await GenerateAsync(folder, "minimal", "--example", "minimal", "--tests");
        app.AssertIsItsOwn();
        Assert.False(app.Has("Subtitles"));
        await BuildAsync(app, "Tests");

        await RunAsync(app.Folder, "dotnet", [Program(app, "Tests")]);
        using var host = new AppHostProcess(["--Redis:Server=process"], program: Program(app, "AppHost"));
        await host.UntilUpAsync();
        using (var browser = new HttpClient { BaseAddress = host.AddressAfter("Open ") })
        {
            Assert.Contains("The feed, live", await browser.GetStringAsync("/"), StringComparison.Ordinal);
            Assert.Contains(Name, await browser.GetStringAsync("/fan-out"), StringComparison.Ordinal);
            await using var stream = await SseStream.OpenAsync(browser, "/api/streams/feed");
            Assert.Contains("\"degrees\"", (await stream.TakeAsync(2))[1], StringComparison.Ordinal);
        }
        using var kill = Process.Start("kill", ["-TERM", $"{host.Process.Id}"]);
        await Eventually.HoldsAsync(() => host.Processes().Count == 0, "every process has ended");
    }

    [Fact]
    public async Task The_app_of_subtitles_is_generated_in_all_its_forms_and_builds()
    {
        using var folder = new TemporaryFolder();
        await InstallAsync(folder, RepositoryFolder.Path);
        var plain = await GenerateAsync(folder, "plain", "--replicas", "5");
        var tested = await GenerateAsync(folder, "tested", "--tests");
        var measured = await GenerateAsync(folder, "measured", "--tests", "--benchmarks");
        foreach (var app in (GeneratedApp[])[plain, tested, measured])
        {
            app.AssertIsItsOwn();
            Assert.Equal([app == measured, app != plain, app != plain], [app.Has("Benchmarks"), app.Has("Tests"), app.Has(".github")]);
            // A solution that names a project which is not there does not load.
            var projects = Project()
                .Matches(app.Text($"{Name}.sln"))
                .Select(match => match.Groups["path"].Value.Replace('\\', '/'))
                .Order();
            Assert.Equal(app.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).Order(), projects);
        }
        Assert.Contains("WithReplicas(5)", plain.Text("AppHost/AppHost.cs"), StringComparison.Ordinal);
        Assert.Contains("WithReplicas(3)", tested.Text("AppHost/AppHost.cs"), StringComparison.Ordinal);
        Assert.NotEqual(
            Secrets().Match(plain.Text("AppHost/AppHost.csproj")).Value,
            Secrets().Match(tested.Text("AppHost/AppHost.csproj")).Value
        );

        await BuildAsync(plain, "AppHost");
    }

    /// <summary>What the README says of the smallest form is counted.</summary>
    [Fact]
    public void The_README_tells_how_many_lines_the_minimal_app_is()
    {
        var minimal = Path.Combine(RepositoryFolder.Path, "Templates", "minimal");
        int Lines(string folder) =>
            Directory
                .GetFiles(Path.Combine(minimal, folder), "*.cs", SearchOption.AllDirectories)
                .Sum(file => File.ReadLines(file).Count());
        Assert.Contains(
            $"a producer of {Lines("Worker")} lines, an Api of {Lines("Api")} and an AppHost of {Lines("AppHost")}",
            File.ReadAllText(Path.Combine(RepositoryFolder.Path, "README.md")).ReplaceLineEndings(" "),
            StringComparison.Ordinal
        );
    }

    private async Task PackAndInstallAsync(TemporaryFolder folder)
    {
        // Into folders of its own, so that those of the build under test are not touched.
        await RunAsync(
            RepositoryFolder.Path,
            "dotnet",
            [
                "pack",
                "Templates",
                "-o",
                folder["feed"],
                $"-p:BaseIntermediateOutputPath={folder["obj"]}/",
                $"-p:BaseOutputPath={folder["bin"]}/",
                "--nologo",
                "-v",
                "quiet",
                "-nodeReuse:false",
            ]
        );
        await InstallAsync(folder, Assert.Single(Directory.GetFiles(folder["feed"], "*.nupkg")));
    }

    // A hive of its own: the templates of whoever runs the test stay as they are.
    private Task InstallAsync(TemporaryFolder folder, string source) =>
        RunAsync(folder.Path, "dotnet", ["new", "install", source, "--debug:custom-hive", folder["hive"]]);

    private async Task<GeneratedApp> GenerateAsync(TemporaryFolder folder, string variant, params string[] options)
    {
        var target = Path.Combine(folder[variant], Name);
        await RunAsync(
            folder.Path,
            "dotnet",
            ["new", "aspire-sse", "-n", Name, "-o", target, .. options, "--debug:custom-hive", folder["hive"]]
        );
        return new GeneratedApp(target);
    }

    private Task BuildAsync(GeneratedApp app, string project, params string[] options) =>
        RunAsync(
            app.Folder,
            "dotnet",
            [
                "build",
                project,
                "--nologo",
                "-v",
                "quiet",
                "-clp:NoSummary",
                "-nodeReuse:false",
                "-p:UseSharedCompilation=false",
                "-p:RunAnalyzers=false",
                .. options,
            ]
        );

    private static string Program(GeneratedApp app, string project) =>
        Path.Combine(app.Folder, project, "bin", "Debug", "net10.0", $"{project}.dll");

    private async Task RunAsync(string folder, string program, string[] arguments) =>
        await BuiltApp.MustRunAsync(output, folder, program, arguments, BuildLimit);

    [GeneratedRegex("""^Project\("[^"]+"\) = "[^"]+", "(?<path>[^"]+)",""", RegexOptions.Multiline)]
    private static partial Regex Project();

    [GeneratedRegex("<UserSecretsId>[^<]+")]
    private static partial Regex Secrets();
}
