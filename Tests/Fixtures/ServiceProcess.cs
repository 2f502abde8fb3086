using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tests.Fixtures;

/// <summary>A service as a process of its own, as it runs everywhere: from its dll, with a folder and a port of its own.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;

    private ServiceProcess(string program, string folder, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [program])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ASPNETCORE_URLS"] = "http://127.0.0.1:0", ["ASPNETCORE_ENVIRONMENT"] = "Production" },
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => _ = FailAsync();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>A client for it.</summary>
    public HttpClient Client { get; } = new();

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts it and waits until it listens.</summary>
    /// <exception cref="InvalidOperationException">It ended; the message is what it has written.</exception>
    public static async Task<ServiceProcess> StartAsync(string program, string folder, IReadOnlyDictionary<string, string> settings)
    {
        var service = new ServiceProcess(program, folder, settings);
        try
        {
            service.Client.BaseAddress = await service._address.Task.WaitAsync(TimeSpan.FromMinutes(1));
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // What it wrote last is read only after its end.
    private async Task FailAsync()
    {
        await _process.WaitForExitAsync();
        _address.TrySetException(new InvalidOperationException("The service ended: " + Output));
    }

    private void Keep(string? line)
    {
        const string Listening = "Now listening on: ";
        if (line is null)
            return;
        _output.Enqueue(line);
        var place = line.IndexOf(Listening, StringComparison.Ordinal);
        if (place >= 0)
            _address.TrySetResult(new Uri(line[(place + Listening.Length)..].Trim()));
    }
}
