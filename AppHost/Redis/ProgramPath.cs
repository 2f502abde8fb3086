namespace AppHost.Redis;

/// <summary>Finds programs as a shell does.</summary>
internal static class ProgramPath
{
    private static readonly string[] Endings = OperatingSystem.IsWindows() ? [".exe", ".cmd", ""] : [""];

    /// <summary>
    /// The full path of a command, which is looked up on the PATH, or of a path, which is relative to a folder; null where there is no such
    /// file.
    /// </summary>
    public static string? Find(string command, string folder)
    {
        IEnumerable<string> folders = command.Contains(Path.DirectorySeparatorChar)
            ? [folder]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.SelectMany(_ => Endings, (place, ending) => Path.Combine(place, command + ending)).FirstOrDefault(File.Exists);
    }
}
