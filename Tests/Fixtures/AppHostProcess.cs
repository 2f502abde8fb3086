using System.Diagnostics;
using System.Text;

namespace Tests.Fixtures;

/// <summary>The AppHost as a process of its own, as a user starts it: with its dashboard, ports of its own, and a folder of its
/// own.</summary>
public sealed class AppHostProcess : IDisposable
{
    /// <summary>The key of the dashboard's telemetry API.</summary>
    public const string DashboardKey = "key-of-the-test";

    private const string Marker = "ASPIRESSE_TEST_RUN";

    // All is up, at the worst on a machine that has other things to do.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _output = new();

    /// <param name="args">Further arguments of the AppHost.</param>
    /// <param name="path">The PATH of the process; null for this one's.</param>
    /// <param name="environment">Further variables, which its services get as well.</param>
    /// <param name="program">Another app's AppHost.dll; null for this one's.</param>
    public AppHostProcess(
        IEnumerable<string>? args = null,
        string? path = null,
        IReadOnlyDictionary<string, string>? environment = null,
        string? program = null
    )
    {
        // From its own output folder, where all that it needs is; the test's has only what the test needs.
        var output = Path.GetRelativePath(Path.Combine(RepositoryFolder.Path, "Tests"), AppContext.BaseDirectory);
        var start = new ProcessStartInfo(
            ProgramOnPath("dotnet"),
            [
                program ?? Path.Combine(RepositoryFolder.Path, "AppHost", output, "AppHost.dll"),
                "--DcpPublisher:RandomizePorts=true",
                $"--App:Folder={_folder.Path}",
                .. args ?? [],
            ]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_URLS"] = "http://localhost:15180",
                ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
                ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:15181",
                ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = "http://localhost:15182",
                ["AppHost__DashboardApiKey"] = DashboardKey,
                [Marker] = _run,
            },
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        if (path is not null)
            start.Environment["PATH"] = path;
        Process = Process.Start(start)!;
        Process.OutputDataReceived += (_, line) => Add(line.Data);
        Process.ErrorDataReceived += (_, line) => Add(line.Data);
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    /// <summary>The AppHost's own process.</summary>
    public Process Process { get; }

    /// <summary>What it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Waits until the console says that all is healthy.</summary>
    public Task UntilUpAsync() => UntilAsync("All is healthy.");

    /// <summary>Waits until the console says something.</summary>
    public async Task UntilAsync(string text)
    {
        try
        {
            await Eventually.HoldsAsync(
                () => Output.Contains(text, StringComparison.Ordinal) || Process.HasExited,
                $"the console says '{text}'",
                StartLimit
            );
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message}. It says: {Output}");
        }
        if (!Output.Contains(text, StringComparison.Ordinal))
            Assert.Fail($"The AppHost ended before it said '{text}': {Output}");
    }

    /// <summary>The address that a line of the console names, such as <c>Open http://…</c>.</summary>
    public Uri AddressAfter(string text)
    {
        var output = Output;
        var begin = output.IndexOf(text, StringComparison.Ordinal) + text.Length;
        return new Uri(output[begin..].Split([' ', '\n'], 2)[0].TrimEnd('.'));
    }

    /// <summary>Every process that runs because of it, itself included.</summary>
    public IReadOnlyList<int> Processes() =>
        [
            .. Directory
                .EnumerateDirectories("/proc")
                .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
                .Where(id => id != 0 && IsOfThisRun(id)),
        ];

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Process.HasExited)
        {
            // Its orchestrator ends what it has started.
            Process.Kill();
            Process.WaitForExit();
        }
        Process.Dispose();
        _folder.Dispose();
    }

    private bool IsOfThisRun(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ").Contains($"{Marker}={_run}", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended, or is another user's.
            return false;
        }
    }

    private void Add(string? line)
    {
        lock (_output)
            _output.AppendLine(line);
    }

    private static string ProgramOnPath(string command) =>
        Environment
            .GetEnvironmentVariable("PATH")!
            .Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, command))
            .First(File.Exists);
}
