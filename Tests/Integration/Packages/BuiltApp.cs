using System.Collections.Concurrent;
using System.Diagnostics;
using Tests.Fixtures;

namespace Tests.Integration.Packages;

/// <summary>An app that a test has built, as a process.</summary>
internal sealed class BuiltApp : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;

    private BuiltApp(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it listens, once it does.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts what was built in a folder.</summary>
    public static BuiltApp Start(string folder, string name, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "bin", "Debug", "net10.0", $"{name}.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        return new BuiltApp(new Process { StartInfo = start });
    }

    /// <summary>Runs a program to its end, five minutes at the most where no other limit is named, and shows what it said.</summary>
    /// <returns>What it said.</returns>
    /// <exception cref="Xunit.Sdk.XunitException">It ended with a status other than 0.</exception>
    public static async Task<string> MustRunAsync(
        ITestOutputHelper output,
        string folder,
        string program,
        string[] arguments,
        TimeSpan? atMost = null
    )
    {
        var clock = Stopwatch.StartNew();
        var (status, text) = await RunAsync(folder, program, arguments, atMost);
        var call = $"{program} {string.Join(' ', arguments)}";
        output.WriteLine($"{call}: {clock.Elapsed.TotalSeconds:0.0} s\n{text}");
        Assert.True(status == 0, $"{call} ended with {status}:\n{text}");
        return text;
    }

    private static async Task<(int Status, string Output)> RunAsync(
        string folder,
        string program,
        string[] arguments,
        TimeSpan? atMost = null
    )
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        using var limit = new CancellationTokenSource(atMost ?? TimeSpan.FromMinutes(5));
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
            text += await errors;
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, text);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end in time.");
        }
    }

    /// <summary>Waits until it listens.</summary>
    public async Task ListensAsync() => Address = new Uri((await SaysAsync(Listening)).Split(Listening)[1]);

    /// <summary>Waits for a line that contains a text.</summary>
    public async Task<string> SaysAsync(string text)
    {
        await Eventually.HoldsAsync(() => _process.HasExited || Find() is not null, $"'{text}' is said");
        return Find() ?? throw new InvalidOperationException("The app ended:\n" + string.Join('\n', _output));

        string? Find() => _output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
            _output.Enqueue(line);
    }
}
