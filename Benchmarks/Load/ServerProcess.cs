using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Benchmarks.Load;

/// <summary>A server under measurement: a process on loopback with a port of its own, whose processor time and memory can be
/// read.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    // USER_HZ, in which /proc counts processor time; it is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly Queue<string> _output = new();

    private ServerProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public int Id => _process.Id;

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a program and waits until it accepts connections.</summary>
    public static async Task<ServerProcess> StartAsync(
        string program,
        IEnumerable<string> arguments,
        int port,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var server = new ServerProcess(Process.Start(start)!, port);
        server._process.OutputDataReceived += (_, line) => server.Keep(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Keep(line.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return server;
            }
            catch (SocketException) when (!server._process.HasExited && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
            }
            catch (SocketException e)
            {
                server.Dispose();
                throw new InvalidOperationException($"{program} {string.Join(' ', start.ArgumentList)} did not start:\n{server.Output}", e);
            }
        }
    }

    /// <summary>Processor time of the process and its children since it began, in seconds.</summary>
    public double ProcessorSeconds()
    {
        var total = 0.0;
        foreach (var id in FamilyOf(_process.Id))
        {
            // After the name in brackets, which may hold blanks: state is field 3, utime 14, stime 15.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            total +=
                (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture))
                / TicksPerSecond;
        }
        return total;
    }

    /// <summary>Resident memory of the process and its children, in bytes.</summary>
    public long ResidentBytes() =>
        FamilyOf(_process.Id)
            .Sum(id =>
                long.Parse(File.ReadAllText($"/proc/{id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize
            );

    /// <summary>Open file descriptors of the process itself.</summary>
    public int Handles() => Directory.EnumerateFileSystemEntries($"/proc/{_process.Id}/fd").Count();

    /// <summary>Threads of the process itself.</summary>
    public int Threads() => Directory.EnumerateDirectories($"/proc/{_process.Id}/task").Count();

    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    /// <summary>Sends it a signal.</summary>
    public void Send(ProcessSignal signal)
    {
        if (SendSignal(_process.Id, (int)signal) != 0)
            throw new InvalidOperationException(
                $"Process {_process.Id} could not be sent {signal}: {Marshal.GetLastPInvokeErrorMessage()}."
            );
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public Task ExitAsync(TimeSpan limit) => _process.WaitForExitAsync().WaitAsync(limit);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);

    private static IEnumerable<int> FamilyOf(int id)
    {
        yield return id;
        var children = $"/proc/{id}/task/{id}/children";
        if (!File.Exists(children))
            yield break;
        foreach (var child in File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var member in FamilyOf(int.Parse(child, CultureInfo.InvariantCulture)))
                yield return member;
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.Enqueue(line);
            if (_output.Count > 30)
                _output.Dequeue();
        }
    }
}

/// <summary>Signals by their Linux numbers.</summary>
internal enum ProcessSignal
{
    Hangup = 1,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
