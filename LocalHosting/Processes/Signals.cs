using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace LocalHosting.Processes;

/// <summary>Signals to processes and process groups.</summary>
internal static partial class Signals
{
    public const int Terminate = 15;
    public const int Kill = 9;

    /// <summary>Sends a signal; false when there is no such process.</summary>
    /// <param name="process">A process, or a process group when negative.</param>
    [UnsupportedOSPlatform("windows")]
    public static bool Send(int process, int signal) => SendSignal(process, signal) == 0;

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "getppid")]
    public static partial int Parent();

    /// <summary>The nearest thing to SIGTERM: Ctrl+Break to a process that leads a group of its own.</summary>
    [SupportedOSPlatform("windows")]
    public static bool SendBreak(int process) => GenerateConsoleCtrlEvent(1, process);

    [UnsupportedOSPlatform("windows")]
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);

    [SupportedOSPlatform("windows")]
    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GenerateConsoleCtrlEvent(uint controlEvent, int processGroup);
}
