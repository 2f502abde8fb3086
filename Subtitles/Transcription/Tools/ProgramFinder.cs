namespace Subtitles.Transcription.Tools;

/// <summary>Tells whether a program is installed.</summary>
internal static class ProgramFinder
{
    /// <summary>Whether a program exists: a path as it stands, a bare name on the PATH.</summary>
    public static bool Exists(string program) =>
        program.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? File.Exists(program)
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? program + ".exe" : program)));
}
