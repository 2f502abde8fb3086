namespace LocalHosting.Processes;

/// <summary>Finds programs as a shell would.</summary>
internal static class CommandLocator
{
    private static readonly string[] WindowsExtensions = ["", ".exe", ".cmd", ".bat"];

    /// <summary>The full path of a program, or null when there is none.</summary>
    /// <param name="command">A name that is looked up on the PATH, or a path.</param>
    /// <param name="workingDirectory">What a relative path is relative to.</param>
    public static string? Find(string command, string workingDirectory)
    {
        if (command.Contains('/') || command.Contains(Path.DirectorySeparatorChar))
        {
            return Existing(Path.GetFullPath(command, workingDirectory));
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Existing(Path.Combine(folder, command)))
            .FirstOrDefault(path => path is not null);
    }

    /// <summary>The program that runs .NET assemblies: the one that runs this host, where that is known.</summary>
    public static string Dotnet() =>
        Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet"
            ? self
            : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } given && File.Exists(given)
                ? given
                : Find("dotnet", Directory.GetCurrentDirectory()) ?? "dotnet";

    private static string? Existing(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
            return File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0 ? path : null;
        }

        return WindowsExtensions.Select(extension => path + extension).FirstOrDefault(File.Exists);
    }
}
