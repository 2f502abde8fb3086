using Tests.Fixtures;

namespace Tests.Unit;

/// <summary>What the formatter does not see to: comments, quoted text, and files that are not C#.</summary>
public sealed class SourceLinesTests
{
    private const int Limit = 140;

    private static readonly string[] Extensions = [".cs", ".js", ".ts", ".css", ".lua", ".sh"];
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "TestResults", ".git"];

    [Fact]
    public void No_line_of_code_is_longer_than_140_characters()
    {
        var files = FilesOf(new DirectoryInfo(RepositoryFolder.Path)).ToList();
        Assert.True(files.Count > 500, $"Only {files.Count} source files were found.");
        Assert.Empty(files.SelectMany(LongLinesOf));
    }

    private static IEnumerable<FileInfo> FilesOf(DirectoryInfo folder) =>
        folder
            .EnumerateFiles()
            .Where(file => Extensions.Contains(file.Extension))
            .Concat(folder.EnumerateDirectories().Where(inner => !NotOurs.Contains(inner.Name)).SelectMany(FilesOf));

    private static IEnumerable<string> LongLinesOf(FileInfo file) =>
        File.ReadLines(file.FullName)
            .Select((line, index) => (line.Length, Number: index + 1))
            .Where(line => line.Length > Limit)
            .Select(line => $"{Path.GetRelativePath(RepositoryFolder.Path, file.FullName)}({line.Number}): {line.Length} characters");
}
