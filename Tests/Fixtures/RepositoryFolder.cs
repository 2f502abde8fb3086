namespace Tests.Fixtures;

/// <summary>Where the sources are.</summary>
public static class RepositoryFolder
{
    /// <summary>The folder of the solution file.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "AspireSse.sln")))
                return folder.FullName;
        }
        throw new InvalidOperationException(
            $"AspireSse.sln was not found above {AppContext.BaseDirectory}; run the tests from their build output inside the repository."
        );
    }
}
