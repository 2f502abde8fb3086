namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states that a replica goes through.</summary>
public static class KnownResourceStates
{
    public static readonly string NotStarted = nameof(NotStarted);
    public static readonly string Waiting = nameof(Waiting);
    public static readonly string Building = nameof(Building);
    public static readonly string Starting = nameof(Starting);
    public static readonly string Running = nameof(Running);
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>It ended by a command, by a signal or with an exit code other than 0.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>It ended by itself with exit code 0.</summary>
    public static readonly string Finished = nameof(Finished);
    public static readonly string FailedToStart = nameof(FailedToStart);

    /// <summary>The states in which nothing runs and nothing will without a command.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>The commands that every process resource has.</summary>
public static class KnownResourceCommands
{
    public static readonly string StartCommand = "start";
    public static readonly string StopCommand = "stop";
    public static readonly string RestartCommand = "restart";
}

internal static class KnownProperties
{
    public const string Source = "resource.source";
    public const string ConnectionString = "resource.connectionString";
    public const string WaitingFor = "resource.waitingFor";
    public const string ExecutablePath = "executable.path";
    public const string Pid = "executable.pid";
    public const string WorkingDirectory = "executable.workDir";
    public const string Args = "executable.args";
    public const string ProjectPath = "project.path";
    public const string LaunchProfile = "project.launchProfile";
}
