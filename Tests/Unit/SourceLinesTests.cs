using System.Text.RegularExpressions;
using Tests.Fixtures;

namespace Tests.Unit;

/// <summary>Lines of code end at 140 characters. Texts that are quoted may be longer: to cut an address or a sample would only make it
/// harder to read.</summary>
public sealed partial class SourceLinesTests
{
    private const int Limit = 140;

    private static readonly string[] Extensions = [".cs", ".js", ".ts", ".css", ".lua", ".sh"];
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "TestResults", ".git"];

    [Fact]
    public void No_line_of_code_is_longer_than_the_limit()
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

    private static IEnumerable<string> LongLinesOf(FileInfo file)
    {
        var (number, isInRawText) = (0, false);
        foreach (var line in File.ReadLines(file.FullName))
        {
            number++;
            var isText = isInRawText;
            if (file.Extension == ".cs" && RawQuotes().Count(line) % 2 == 1)
                isInRawText = !isInRawText;
            if (line.Length > Limit && !isText && Quoted().Replace(line, "").Length > Limit - 20)
                yield return $"{Path.GetRelativePath(RepositoryFolder.Path, file.FullName)}({number}): {line.Length} characters";
        }
    }

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex(
        """
            "(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'
            """,
        RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Quoted();
}
