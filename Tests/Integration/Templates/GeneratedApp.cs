using System.Text.RegularExpressions;

namespace Tests.Integration.Templates;

/// <summary>What <c>dotnet new</c> made, as files.</summary>
internal sealed partial class GeneratedApp(string folder)
{
    // Of the repository, of its builds, or of its way to make templates.
    private static readonly string[] Foreign =
    [
        ".git",
        ".ci",
        ".template.config",
        "Templates",
        "bin",
        "obj",
        "node_modules",
        "TestResults",
        ".aspiresse",
        "LICENSE",
        "CHANGELOG.md",
    ];

    private static readonly string[] Pictures = [".png", ".webm"];

    /// <summary>Where it is.</summary>
    public string Folder => folder;

    /// <summary>Its files, by their path in it.</summary>
    public IReadOnlyList<string> Files { get; } =
    [
        .. Directory
            .GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The text of a file.</summary>
    public string Text(string file) => File.ReadAllText(Path.Combine(folder, file));

    /// <summary>Whether it has a file or a folder.</summary>
    public bool Has(string path) => Path.Exists(Path.Combine(folder, path));

    /// <summary>Nothing in it is called as the app that it was made from, its links lead somewhere, and what it is not to have is not
    /// there.</summary>
    public void AssertIsItsOwn()
    {
        Assert.DoesNotContain(Files, file => OldName().IsMatch(file) || file.Split(Path.DirectorySeparatorChar).Any(Foreign.Contains));
        foreach (var file in Files.Where(file => !Pictures.Contains(Path.GetExtension(file))))
        {
            var text = Text(file);
            Assert.False(OldName().IsMatch(text), $"{file} has the old name: {OldName().Match(text).Value}");
            Assert.False(OldAddress().IsMatch(text), $"{file} has an address of the old app: {OldAddress().Match(text).Value}");
            Assert.False(
                Condition().IsMatch(text) && !file.EndsWith("BuildConfiguration.cs", StringComparison.Ordinal),
                $"{file} has a condition of the template"
            );
        }
        var dead =
            from document in Files
            where document.EndsWith(".md", StringComparison.Ordinal)
            from link in Link().Matches(Text(document)).Select(match => match.Groups["target"].Value)
            where !link.Contains("://", StringComparison.Ordinal) && !Has(Path.Combine(Path.GetDirectoryName(document)!, link))
            select $"{document} links to {link}";
        Assert.Empty(dead);
    }

    [GeneratedRegex("aspire.?sse", RegexOptions.IgnoreCase)]
    private static partial Regex OldName();

    [GeneratedRegex(@"localhost:(5180|5185|5190|1518\d)\b")]
    private static partial Regex OldAddress();

    [GeneratedRegex(@"^\s*(//|<!--)?#(if|endif)\b", RegexOptions.Multiline)]
    private static partial Regex Condition();

    [GeneratedRegex(@"(?:\]\(|(?:src|srcset)="")(?<target>[^)#""\s]+)")]
    private static partial Regex Link();
}
