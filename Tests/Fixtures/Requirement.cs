using Xunit.Sdk;

namespace Tests.Fixtures;

/// <summary>What a test needs of its machine, and what follows where it is missing.</summary>
public static class Requirement
{
    /// <summary>Whether a missing program is a failure: so it is in continuous integration, where a skip would hide that nothing was
    /// tested.</summary>
    public static bool IsStrict => Environment.GetEnvironmentVariable("CI") is "true" or "1";

    /// <summary>To be thrown: skips the test with the reason, or fails it under <c>CI=true</c>.</summary>
    public static Exception Missing(string reason) =>
        IsStrict ? new InvalidOperationException("Under CI=true nothing may be missing. " + reason) : SkipException.ForSkip(reason);

    /// <summary>The path of a program on the PATH, or null.</summary>
    public static string? FindProgram(params IEnumerable<string> names) =>
        (
            from name in names
            from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
                Path.PathSeparator,
                StringSplitOptions.RemoveEmptyEntries
            )
            let path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)
            where File.Exists(path)
            select path
        ).FirstOrDefault();
}
