using System.Diagnostics;
using System.Text.RegularExpressions;
using LocalHosting.Orchestration;

namespace LocalHosting.Processes;

/// <summary>
/// Starts processes so that none of them outlives the host, however the host ends, and so that Ctrl+C in the terminal reaches the host
/// alone, which then stops them in order.
/// </summary>
/// <remarks>
/// On Unix a small shell script watches a pipe from the host; when the pipe closes, it ends what is still on its list. A process is started
/// as a shell that waits for a line before it becomes the real program, and that line is sent only once the process is on the list: there
/// is no moment in which the death of the host could go unnoticed. (A parent-death signal would be bound to the thread that forked, and
/// threads of the pool come and go.) With <c>setsid</c> on the PATH each process leads a session of its own, so Ctrl+C does not reach it and
/// its own children end with it. On Windows a job object does all this.
/// </remarks>
internal sealed partial class ProcessGuard(HostPaths paths) : IDisposable
{
    private const string Gate = "read -r _ || exit 125; exec \"$@\" </dev/null";

    private readonly Lazy<IOrphanage> _orphanage =
        new(() => OperatingSystem.IsWindows() ? new JobObject() : new Watchdog(UnixStart, paths.Session));

    private static readonly string? SetSid =
        OperatingSystem.IsWindows() ? null : CommandLocator.Find("setsid", Directory.GetCurrentDirectory());

    /// <summary>Starts a process; its lines go to <paramref name="onLine"/>, with whether they came from its error output.</summary>
    public ChildProcess Start(LaunchPlan plan, Action<string, bool> onLine)
    {
        var start = OperatingSystem.IsWindows() ? WindowsStart(plan.File, plan.Args) : UnixStart(["-c", Gate, "sh"]);
        start.WorkingDirectory = plan.WorkingDirectory;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        InheritedEnvironment.Clean(start.Environment);
        foreach (var (key, value) in plan.Environment)
        {
            start.Environment[key] = value;
        }

        if (!OperatingSystem.IsWindows())
        {
            foreach (var arg in (IEnumerable<string>)[.. ShellProof(start.Environment), plan.File, .. plan.Args])
            {
                start.ArgumentList.Add(arg);
            }
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{plan.File} was not started.");
        _orphanage.Value.Add(process);
        if (!OperatingSystem.IsWindows())
        {
            try
            {
                process.StandardInput.WriteLine("go");
            }
            catch (IOException)
            {
                // It was killed meanwhile; its exit is reported like any other.
            }
        }

        process.StandardInput.Close();
        return new ChildProcess(process, leadsGroup: SetSid is not null, onLine, () => _orphanage.Value.Remove(process));
    }

    public void Dispose()
    {
        if (_orphanage.IsValueCreated)
        {
            _orphanage.Value.Dispose();
        }
    }

    // A shell drops variables whose names it cannot have itself, such as services__back-end__http__0; env sets them again behind it.
    private static IEnumerable<string> ShellProof(IDictionary<string, string?> environment)
    {
        var odd = environment.Where(v => !ShellName.IsMatch(v.Key)).Select(v => $"{v.Key}={v.Value}").ToList();
        return odd.Count == 0 ? [] : ["env", .. odd];
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex ShellName { get; }

    private static ProcessStartInfo UnixStart(IEnumerable<string> shellArgs) =>
        SetSid is null ? new("/bin/sh", shellArgs) : new(SetSid, ["/bin/sh", .. shellArgs]);

    private static ProcessStartInfo WindowsStart(string file, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo(file, args);
        if (OperatingSystem.IsWindows())
        {
            start.CreateNewProcessGroup = true;
        }

        return start;
    }
}

/// <summary>What ends processes whose host is gone.</summary>
internal interface IOrphanage : IDisposable
{
    void Add(Process process);

    void Remove(Process process);
}
