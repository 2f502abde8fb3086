using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Tests.Fixtures;

namespace Tests.Integration.Worker;

/// <summary>A worker as users run it: a process, with a free port of its own. It is killed at the end unless it has been stopped.</summary>
internal sealed partial class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
    }

    public string Output => string.Join('\n', _output);

    public static async Task<WorkerProcess> StartAsync(RedisServer server, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Worker.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["ConnectionStrings__redis"] = server.ConnectionString;
        foreach (var (key, value) in settings)
            start.Environment[key] = value;
        var worker = new WorkerProcess(new Process { StartInfo = start });
        worker._process.Start();
        worker._process.BeginOutputReadLine();
        worker._process.BeginErrorReadLine();
        try
        {
            await Task.WhenAny(worker._address.Task, worker._process.WaitForExitAsync()).WaitAsync(Eventually.DefaultLimit);
            if (!worker._address.Task.IsCompleted)
                throw new TimeoutException("It ended.");
            var address = await worker._address.Task;
            using var http = new HttpClient { BaseAddress = address };
            await Eventually.HoldsAsync(async () => (await http.GetAsync("/health")).IsSuccessStatusCode, "the worker is healthy");
            return worker;
        }
        catch (TimeoutException e)
        {
            await worker.DisposeAsync();
            throw new InvalidOperationException($"The worker did not start.\n{worker.Output}", e);
        }
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends it as an orchestrator does (SIGTERM), and returns its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
        await _process.WaitForExitAsync().WaitAsync(Eventually.DefaultLimit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (ListeningOn().Match(line) is { Success: true } match)
            _address.TrySetResult(new Uri(match.Groups[1].Value));
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningOn();
}
