using System.Globalization;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Tests.Fixtures;

namespace Tests.Integration.Packages;

/// <summary>The packages as those get them who have never seen this repository: packed, referenced by an empty app, which has nothing but
/// what the README says.</summary>
public sealed partial class PackageTests(RedisServers servers, ITestOutputHelper output)
{
    private const string Repository = "https://github.com/example/aspire-sse";
    private static readonly Guid SourceLinkKind = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Fact]
    public async Task The_examples_of_the_readmes_run_in_empty_apps_with_nothing_but_the_packages()
    {
        using var folder = new TemporaryFolder();
        var packages = await PackAsync(folder);
        foreach (
            var (id, assembly, dependencies) in new[]
            {
                (
                    "AspireSse.EventStreams",
                    "EventStreams",
                    ["Microsoft.AspNetCore.DataProtection.StackExchangeRedis", "StackExchange.Redis"]
                ),
                ("AspireSse.EventStreams.Client", "EventStreams.Client", Array.Empty<string>()),
            }
        )
            AssertPackage(packages, id, assembly, dependencies);

        await WriteAppAsync(folder, "web", "Microsoft.NET.Sdk.Web", "AspireSse.EventStreams", packages.Version, ExampleOf("EventStreams"));
        await WriteAppAsync(
            folder,
            "reader",
            "Microsoft.NET.Sdk",
            "AspireSse.EventStreams.Client",
            packages.Version,
            ExampleOf("EventStreams.Client")
        );
        var server = await servers.GetAsync(RedisServerKind.Redis);
        await using var first = await StartWebAsync(folder, server.ConnectionString);
        await using var second = await StartWebAsync(folder, server.ConnectionString);
        using var client = new HttpClient();
        var topic = $"news-{Guid.NewGuid():N}";
        await using var stream = await SseStream.OpenAsync(client, new Uri(first.Address, $"/streams/{topic}").ToString());
        await using var reader = BuiltApp.Start(folder["reader"], "reader", [new Uri(first.Address, $"/streams/{topic}").ToString()], []);
        using var published = await client.PostAsync(
            new Uri(second.Address, $"/streams/{topic}?event=headline"),
            new StringContent("any text")
        );
        Assert.Equal(System.Net.HttpStatusCode.Accepted, published.StatusCode);
        Assert.Equal(["any text"], await stream.TakeAsync(1));
        await reader.SaysAsync("Event headline any text");
    }

    // From a copy of the sources, as a clone would have them, so that neither the build under test nor its folders are touched.
    private async Task<Packed> PackAsync(TemporaryFolder folder)
    {
        if (Requirement.FindProgram("git") is null)
            throw Requirement.Missing("git is needed to tell the packages where their sources are.");
        var source = folder["source"];
        var files = await RunAsync(
            RepositoryFolder.Path,
            "git",
            "ls-files",
            "-co",
            "--exclude-standard",
            "EventStreams",
            "EventStreams.Client",
            "Directory.Build.props",
            "Directory.Packages.props",
            ".editorconfig",
            "global.json",
            ".gitignore",
            "nuget.config",
            "NuGet.config"
        );
        foreach (
            var file in files
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(file => File.Exists(Path.Combine(RepositoryFolder.Path, file)))
        )
        {
            var copy = Path.Combine(source, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(RepositoryFolder.Path, file), copy);
        }
        await RunAsync(source, "git", "init", "-q");
        await RunAsync(source, "git", "remote", "add", "origin", Repository + ".git");
        await RunAsync(source, "git", "add", "-A");
        await RunAsync(source, "git", "-c", "user.name=test", "-c", "user.email=test@localhost", "commit", "-qm", "test");
        var version = string.Create(CultureInfo.InvariantCulture, $"0.0.1-test.{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");
        foreach (var project in (string[])["EventStreams", "EventStreams.Client"])
            await DotnetAsync(source, "pack", project, "-o", folder["feed"], $"-p:Version={version}", "-p:RunAnalyzers=false");
        return new Packed(folder["feed"], version);
    }

    private static void AssertPackage(Packed packages, string id, string assembly, string[] dependencies)
    {
        using var package = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.nupkg"));
        foreach (var file in (string[])[$"lib/net10.0/{assembly}.dll", $"lib/net10.0/{assembly}.xml", "README.md"])
            Assert.NotNull(package.GetEntry(file));
        using (var nuspec = package.GetEntry($"{id}.nuspec")!.Open())
        {
            var metadata = XDocument.Load(nuspec).Root!.Elements().Single();
            var ns = metadata.Name.Namespace;
            Assert.Equal(
                Repository,
                metadata.Element(ns + "repository")?.Attribute("url")?.Value.Replace(".git", "", StringComparison.Ordinal)
            );
            Assert.Equal(dependencies, metadata.Descendants(ns + "dependency").Select(dependency => dependency.Attribute("id")!.Value));
        }
        using var symbols = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.snupkg"));
        using var bytes = new MemoryStream();
        using (var pdb = symbols.GetEntry($"lib/net10.0/{assembly}.pdb")!.Open())
            pdb.CopyTo(bytes);
        bytes.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(bytes);
        var reader = provider.GetMetadataReader();
        var link = reader
            .CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Single(information => reader.GetGuid(information.Kind) == SourceLinkKind);
        Assert.Contains(
            "https://raw.githubusercontent.com/example/aspire-sse/",
            Encoding.UTF8.GetString(reader.GetBlobBytes(link.Value)),
            StringComparison.Ordinal
        );
    }

    private static string ExampleOf(string project)
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryFolder.Path, project, "README.md"));
        return CSharpBlock().Match(readme).Groups["code"].Value;
    }

    private async Task WriteAppAsync(TemporaryFolder folder, string name, string sdk, string package, string version, string program)
    {
        Directory.CreateDirectory(folder[name]);
        await File.WriteAllTextAsync(
            folder[$"{name}/{name}.csproj"],
            $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <WarningsNotAsErrors>NU1900;NU1901;NU1902;NU1903;NU1904;NU1905</WarningsNotAsErrors>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="{version}" />
              </ItemGroup>
            </Project>
            """
        );
        // What else they need is taken from where the machine has it; the packages under test must not stay there.
        await File.WriteAllTextAsync(
            folder[$"{name}/nuget.config"],
            $"""
            <configuration>
              <packageSources><add key="packed" value="{folder["feed"]}" /></packageSources>
              <config><add key="globalPackagesFolder" value="{folder["packages"]}" /></config>
              <fallbackPackageFolders><add key="machine" value="{MachinePackages}" /></fallbackPackageFolders>
            </configuration>
            """
        );
        await File.WriteAllTextAsync(folder[$"{name}/Program.cs"], program);
        await DotnetAsync(folder[name], "build");
    }

    private static string MachinePackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static async Task<BuiltApp> StartWebAsync(TemporaryFolder folder, string connectionString)
    {
        var app = BuiltApp.Start(
            folder["web"],
            "web",
            [],
            new()
            {
                ["ConnectionStrings__redis"] = connectionString,
                ["EventStreams__KeyPrefix"] = "packages",
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            }
        );
        await app.ListensAsync();
        return app;
    }

    private Task<string> DotnetAsync(string folder, params string[] arguments) =>
        RunAsync(folder, "dotnet", [.. arguments, "--nologo", "-v", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false"]);

    private Task<string> RunAsync(string folder, string program, params string[] arguments) =>
        BuiltApp.MustRunAsync(output, folder, program, arguments);

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    private sealed record Packed(string Folder, string Version);
}
