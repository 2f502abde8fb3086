using System.Reflection;
using EventStreams;
using EventStreams.Client;
using PublicApiGenerator;
using Tests.Fixtures;

namespace Tests.Unit;

/// <summary>The public API of the packages is what their PublicApi.txt says, so that nobody changes it without noticing.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Of_the_library() => AssertAccepted(typeof(EventStreamsOptions).Assembly);

    [Fact]
    public void Of_the_client() => AssertAccepted(typeof(EventStreamClient).Assembly);

    private static void AssertAccepted(Assembly assembly)
    {
        var project = assembly.GetName().Name!;
        var text =
            assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").TrimEnd()
            + "\n";
        var accepted = Path.Combine(project, "PublicApi.txt");
        var path = Path.Combine(RepositoryFolder.Path, accepted);
        if (File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == text)
            return;
        var found = Path.Combine(AppContext.BaseDirectory, $"{project}.PublicApi.txt");
        File.WriteAllText(found, text);
        Assert.Fail(
            $"""
            The public API of {project} is not what {accepted} says. Where the change is wanted, accept it and put it into CHANGELOG.md:
            cp {Path.GetRelativePath(RepositoryFolder.Path, found)} {accepted}
            {Changes(File.Exists(path) ? File.ReadAllLines(path) : [], text.Split('\n'))}
            """
        );
    }

    // Enough to see what it is about; the two files have the rest.
    private static string Changes(string[] accepted, string[] found) =>
        string.Join(
            '\n',
            accepted
                .Except(found)
                .Select(static line => "- " + line.Trim())
                .Concat(found.Except(accepted).Select(static line => "+ " + line.Trim()))
                .Take(20)
        );
}
