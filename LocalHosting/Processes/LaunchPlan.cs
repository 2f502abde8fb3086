namespace LocalHosting.Processes;

/// <summary>All that is needed to start a process.</summary>
/// <param name="File">The full path of the program.</param>
/// <param name="Environment">The variables that are set on top of the host's own.</param>
internal sealed record LaunchPlan(
    string File,
    IReadOnlyList<string> Args,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment);
