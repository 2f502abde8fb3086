using System.Collections.Concurrent;
using System.Diagnostics;

namespace Tests.Fixtures;

/// <summary>The Api as a process of its own, as it runs everywhere: from its dll, with a connection string and an address.</summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TemporaryFolder _folder = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;

    private ApiProcess(string connectionString, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Api.dll")])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["ConnectionStrings__redis"] = connectionString,
                ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
                ["ASPNETCORE_ENVIRONMENT"] = "Production",
                ["Media__Path"] = _folder["media"],
            },
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException("The Api ended: " + string.Join('\n', _output)));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>A client for it.</summary>
    public HttpClient Client { get; } = new();

    /// <summary>Its media folder.</summary>
    public string MediaFolder => _folder["media"];

    public static async Task<ApiProcess> StartAsync(string connectionString, IReadOnlyDictionary<string, string> settings)
    {
        var api = new ApiProcess(connectionString, settings);
        try
        {
            api.Client.BaseAddress = await api._address.Task.WaitAsync(TimeSpan.FromMinutes(1));
            return api;
        }
        catch
        {
            await api.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
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
