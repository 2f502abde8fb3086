using System.Text.Json;
using System.Text.RegularExpressions;
using AppHost.Faults;
using Aspire.Hosting.ApplicationModel;
using Tests.Fixtures;

namespace Tests.Unit;

/// <summary>What the documents name is there.</summary>
public sealed partial class DocumentTests
{
    private static readonly string[] Commands =
    [
        ReplicaFaults.Kill,
        ReplicaFaults.Drain,
        StreamFaults.Rebalance,
        RedisFaults.Freeze,
        RedisFaults.CutSubscribers,
        TestEvents.Publish,
        KnownResourceCommands.RestartCommand,
    ];

    [Fact]
    public void Every_relative_link_leads_to_a_file()
    {
        var dead =
            from document in Documents()
            from link in Links().Matches(File.ReadAllText(document)).Select(match => match.Groups["target"].Value)
            where !link.Contains("://", StringComparison.Ordinal)
            let target = Path.Combine(Path.GetDirectoryName(document)!, link)
            where !File.Exists(target) && !Directory.Exists(target)
            select $"{Path.GetRelativePath(RepositoryFolder.Path, document)} links to {link}";
        Assert.Empty(dead);
    }

    [Fact]
    public void The_index_of_decisions_has_every_record()
    {
        var folder = Path.Combine(RepositoryFolder.Path, "docs", "decisions");
        var index = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.All(
            Directory.GetFiles(folder, "0*.md"),
            record => Assert.Contains($"]({Path.GetFileName(record)})", index, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void The_map_of_the_README_has_every_project()
    {
        var readme = ReadMe();
        foreach (
            var project in Directory.GetFiles(
                RepositoryFolder.Path,
                "*.csproj",
                new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }
            )
        )
            Assert.Contains($"`{Path.GetFileName(Path.GetDirectoryName(project))}/`", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void The_README_shows_the_commands_that_the_resources_have()
    {
        var shown = ResourceCommands().Matches(ReadMe()).Select(match => match.Groups["command"].Value).Distinct();
        Assert.Equal(Commands.Order(), shown.Order());
    }

    [Theory]
    [InlineData("Api")]
    [InlineData("Web")]
    [InlineData("AppHost")]
    public void The_README_names_the_addresses_of_the_launch_profiles(string project)
    {
        var profile = JsonSerializer
            .Deserialize<JsonElement>(File.ReadAllText(Path.Combine(RepositoryFolder.Path, project, "Properties", "launchSettings.json")))
            .GetProperty("profiles")
            .GetProperty("http");
        Assert.Contains($"| {profile.GetProperty("applicationUrl").GetString()}", ReadMe(), StringComparison.Ordinal);
    }

    private static string ReadMe() => File.ReadAllText(Path.Combine(RepositoryFolder.Path, "README.md"));

    private static IEnumerable<string> Documents() =>
        Directory
            .GetFiles(RepositoryFolder.Path, "*.md")
            .Concat(Directory.GetFiles(Path.Combine(RepositoryFolder.Path, "docs"), "*.md", SearchOption.AllDirectories));

    [GeneratedRegex(@"(?:\]\(|(?:src|srcset)="")(?<target>[^)#""\s]+)")]
    private static partial Regex Links();

    [GeneratedRegex(@"^aspire resource \S+ (?<command>\S+)", RegexOptions.Multiline)]
    private static partial Regex ResourceCommands();
}
