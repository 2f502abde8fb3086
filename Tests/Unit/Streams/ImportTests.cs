using System.Text.RegularExpressions;
using Tests.Fixtures;

namespace Tests.Unit.Streams;

public sealed partial class ImportTests
{
    [Fact]
    public void The_parts_of_the_library_import_each_other_in_one_direction_only()
    {
        var root = Path.Combine(RepositoryFolder.Path, "EventStreams");
        var imports = Directory
            .GetDirectories(root)
            .Select(folder => Path.GetFileName(folder))
            .Where(name => name is not ("bin" or "obj"))
            .ToDictionary(
                name => name,
                name =>
                    Directory
                        .GetFiles(Path.Combine(root, name), "*.cs", SearchOption.AllDirectories)
                        .SelectMany(file => UsingOfLibrary().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
                        .ToHashSet()
            );
        Assert.Contains("Fanout", imports["Http"]);
        foreach (var part in imports.Keys)
            Assert.DoesNotContain(part, Reached(part));

        HashSet<string> Reached(string part)
        {
            var reached = new HashSet<string>();
            var next = new Queue<string>(imports[part]);
            while (next.TryDequeue(out var one))
            {
                if (reached.Add(one))
                    imports.GetValueOrDefault(one, []).ToList().ForEach(next.Enqueue);
            }
            return reached;
        }
    }

    [GeneratedRegex(@"^using EventStreams\.(\w+);", RegexOptions.Multiline)]
    private static partial Regex UsingOfLibrary();
}
