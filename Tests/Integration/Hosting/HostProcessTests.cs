using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Tests.Fixtures;

namespace Tests.Integration.Hosting;

/// <summary>The AppHost as a process of its own, as a user starts it.</summary>
public sealed partial class HostProcessTests
{
    // Of its launch profile.
    private const int ApiPort = 5180;

    // All is up, at the worst on a machine that has other things to do.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_killed_host_leaves_no_process_behind()
    {
        using var host = new Host();
        var children = await host.UntilUpAsync();
        Assert.Equal(7, children.Count);

        host.Process.Kill();

        await Eventually.HoldsAsync(() => !children.Any(Processes.Live), "all processes end with their host");
    }

    [Fact]
    public async Task A_host_that_is_asked_to_end_stops_everything_within_ten_seconds()
    {
        using var host = new Host();
        var children = await host.UntilUpAsync();

        using var kill = Process.Start("kill", ["-TERM", $"{host.Process.Id}"]);

        await host.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, host.Process.ExitCode);
        Assert.DoesNotContain(children, Processes.Live);
    }

    [Fact]
    public async Task A_port_in_use_ends_the_host_with_a_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, ApiPort);
        try
        {
            taken.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // By whomever: that will do.
        }

        using var host = new Host("--DcpPublisher:RandomizePorts=false");

        await AssertFailsAsync(host, $"error: Port {ApiPort} (the endpoint 'http' of 'api') is in use");
    }

    [Fact]
    public async Task A_missing_Redis_server_ends_the_host_with_a_sentence()
    {
        using var host = new Host("--LocalHosting:Redis=/no/such/redis-server");

        await AssertFailsAsync(host, "error: LocalHosting:Redis asks for '/no/such/redis-server', which is not there");
    }

    private static async Task AssertFailsAsync(Host host, string sentence)
    {
        await host.Process.WaitForExitAsync().WaitAsync(StartLimit);
        await Eventually.HoldsAsync(() => host.Output.Contains(sentence, StringComparison.Ordinal), sentence + host.Output);
        Assert.Equal(1, host.Process.ExitCode);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    private sealed partial class Host : IDisposable
    {
        private readonly TemporaryFolder _state = new();
        private readonly StringBuilder _output = new();

        public Host(params string[] args)
        {
            // From its own output folder, where all that it needs is; the test's has only what the test needs.
            var output = Path.GetRelativePath(Path.Combine(RepositoryFolder.Path, "Tests"), AppContext.BaseDirectory);
            var appHost = Path.Combine(RepositoryFolder.Path, "AppHost", output, "AppHost.dll");
            var start = new ProcessStartInfo(
                "dotnet", [appHost, "--DcpPublisher:RandomizePorts=true", $"--LocalHosting:StatePath={_state.Path}", $"--Media:Path={_state["media"]}", .. args])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            // What another test sets for its own process would tell the host where its dashboard is to be.
            start.Environment.Remove("ASPNETCORE_URLS");
            Process = Process.Start(start)!;
            Process.OutputDataReceived += (_, line) => Add(line.Data);
            Process.ErrorDataReceived += (_, line) => Add(line.Data);
            Process.BeginOutputReadLine();
            Process.BeginErrorReadLine();
        }

        public Process Process { get; }

        public string Output
        {
            get
            {
                lock (_output)
                    return _output.ToString();
            }
        }

        /// <summary>Waits for the table of resources, and returns the process ids that it shows.</summary>
        public async Task<IReadOnlyList<int>> UntilUpAsync()
        {
            await Eventually.HoldsAsync(() => Output.Contains("All is up.", StringComparison.Ordinal) || Process.HasExited, "the app is up", StartLimit);
            Assert.False(Process.HasExited, Output);
            return [.. TableRow.Matches(Output).Select(m => int.Parse(m.Groups[1].Value, null))];
        }

        public void Dispose()
        {
            Process.Kill(entireProcessTree: true);
            Process.Dispose();
            _state.Dispose();
        }

        private void Add(string? line)
        {
            lock (_output)
                _output.AppendLine(line);
        }

        [GeneratedRegex(@"│ (?:redis|api|worker|web)-\w+ +│ Healthy │[^│]*│ (\d+) +│")]
        private static partial Regex TableRow { get; }
    }
}
