using System.Diagnostics;

namespace LocalHosting.Processes;

/// <summary>A process that the host started.</summary>
internal sealed class ChildProcess
{
    // What a process leaves in its pipes is read in no time; what a child of its own that outlived it may write some day is not waited for.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly bool _leadsGroup;
    private readonly Action _onExit;

    internal ChildProcess(Process process, bool leadsGroup, Action<string, bool> onLine, Action onExit)
    {
        _process = process;
        _leadsGroup = leadsGroup;
        _onExit = onExit;
        Id = process.Id;
        var lines = Task.WhenAll(
            ReadAsync(process.StandardOutput, line => onLine(line, false)),
            ReadAsync(process.StandardError, line => onLine(line, true)));
        Exited = WaitAsync(lines);
    }

    public int Id { get; }

    /// <summary>The exit code, once the process has ended and its last lines were read. 128 and the number for a signal.</summary>
    public Task<int> Exited { get; }

    /// <summary>Asks the process to end, and kills it and its children when it has not after a time. Done when it has ended.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (OperatingSystem.IsWindows())
        {
            Signals.SendBreak(Id);
        }
        else if (!Exited.IsCompleted)
        {
            Signals.Send(Id, Signals.Terminate);
        }

        await ((Task)Exited.WaitAsync(limit)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!Exited.IsCompleted)
        {
            Kill();
        }

        await Exited.ConfigureAwait(false);
    }

    /// <summary>Ends the process and its children at once.</summary>
    public void Kill()
    {
        if (!OperatingSystem.IsWindows() && _leadsGroup)
        {
            // One that has only just been started does not lead its group yet, and has no children then.
            if (!Signals.Send(-Id, Signals.Kill))
            {
                Signals.Send(Id, Signals.Kill);
            }

            return;
        }

        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private async Task<int> WaitAsync(Task lines)
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var code = _process.ExitCode;
        _onExit();
        if (!OperatingSystem.IsWindows() && _leadsGroup)
        {
            // What it started must not stay behind.
            Signals.Send(-Id, Signals.Kill);
        }

        await lines.WaitAsync(LastWords).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
        return code;
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> onLine)
    {
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                onLine(line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process is gone and was given up.
        }
    }
}
