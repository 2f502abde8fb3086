using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Faults;

/// <summary>Limits of a process that runs, changed by <c>prlimit</c>.</summary>
internal static class ProcessLimit
{
    /// <summary>The largest file that a process may write.</summary>
    public static Task FileSizeAsync(int process, long? bytes) => SetAsync(process, "--fsize", bytes);

    /// <summary>The number of files and sockets that a process may have open.</summary>
    public static Task FilesAsync(int process, long? files) => SetAsync(process, "--nofile", files);

    /// <summary>How many it has open.</summary>
    public static int OpenFiles(int process) =>
        Directory.EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).Count();

    // The soft limit alone, so that it can be raised again.
    private static async Task SetAsync(int process, string limit, long? value)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{limit}={(value is null ? "" : value)}:");
        if (value is null)
        {
            // Up to the hard limit: /proc tells it.
            var name = limit == "--fsize" ? "Max file size" : "Max open files";
            var line = (await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/limits"))).First(line =>
                line.StartsWith(name, StringComparison.Ordinal)
            );
            text = $"{limit}={line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]}:";
        }
        using var prlimit = Process.Start("prlimit", ["--pid", process.ToString(CultureInfo.InvariantCulture), text]);
        await prlimit.WaitForExitAsync();
        if (prlimit.ExitCode != 0)
            throw new InvalidOperationException($"prlimit {text} ended with {prlimit.ExitCode}.");
    }
}
